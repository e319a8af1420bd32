/*
 * One run of the Method of Equal Shares in whole grains of money: the loops of shares_run.py, compiled.
 *
 * What is computed, and why it is exact, is in shares_arrays.py (grains) and market.py (the method). In short: all
 * amounts are integers below 2^62 and their sums are exact. Nobody's grains are fewer than what he exactly has; all
 * together they are at most `excess` too many. So the exact price of a plan lies between the prices at which
 * its supporters would pay its cost (`low`) and its cost + excess (`high`). A plan is bought here only if its
 * level surely is below that of all others. Otherwise the caller gets the leaders, decides in exact fractions, tells
 * by shares_buy, and calls shares_go again.
 *
 * Floats occur in levels only (price per unit of utility), to compare plans: each is the result of at most four
 * operations, each off by at most 2^-53 of it, and is then moved by BELOW or ABOVE, 2^-50, to the safe side. Compile
 * with -ffp-contract=off, so that no two operations are fused into one with other rounding; every compiler and
 * processor then does the same, and if one should not, levels are still far within the margin.
 *
 * Speed. There is no sorting anywhere. The price of a plan only rises during a run, so what was found for it once is a
 * lower bound ever after. Plans are looked at in the order of these bounds, until none can beat the best. A look is one
 * pass over the supporters at the price to beat: most plans fall there, with a new bound by one Newton step. Only
 * would-be winners get their price, by Newton's steps from below, over the shrinking list of those who can pay it in
 * full. (To know how many supporters still have money would halve the looks, but walking their ballots when
 * they run dry takes longer than it saves: measured at 1,000 to 1,000,000 voters.)
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BELOW (1 - 0x1p-50)
#define ABOVE (1 + 0x1p-50)
#define NEAR 1e-9 /* levels that may be equal; beyond it they are not worth a decision in fractions */

/*
 * With GCC 12 and glibc the two functions that pass over supporters are compiled three times, and the loader picks the
 * version for the processor at hand: 12 to 25 % faster from about 8,000 voters. They work on integers there, so the
 * answers can't differ.
 */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && __GNUC__ >= 12
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

enum { GONE, OPEN, WAITING }; /* not or no longer for sale; for sale; for sale once others are bought */

/* shares_kernel.py has the same structure, field by field. Offsets, points and votes are as in Arrays there. */
typedef struct {
    /* The market: `rows` voters (or groups of equal ones) and `plans`. Each array of the first block is only read. */
    int64_t rows, plans, limits, needs;
    const int64_t *first, *points, *votes, *support; /* points, votes: NULL where all are 1 */
    const int32_t *supporters;
    const double *units;
    const int64_t *limit_amounts; /* limits x plans: what a plan takes of a limit; -1 where the limit isn't its */
    const int32_t *need_pairs;    /* needs x 2: a plan, and another without which it is not for sale */
    const int64_t *room_start;    /* limits */
    const uint8_t *state_start;   /* plans */
    /* The run: grains of each row, a lower bound of the price of each plan, what is left of limits. */
    const int64_t *costs; /* grains */
    int64_t *money, *price, *room;
    double *least; /* a lower bound of each plan's level during one search, INFINITY when looked at */
    uint8_t *state;
    int64_t *rich_money, *rich_votes, *rich_points; /* the list of those who can pay more, as long as all rows */
    int64_t excess, most;                           /* `most`: more than anyone has */
    /* The answers. */
    int32_t *bought;
    double *levels; /* of the plans bought: not below the exact ones, in grains */
    int32_t *leaders;
    int64_t *lows, *highs, *plain; /* highs: -1 when maybe too dear. plain: see `plain_votes` */
    int64_t bought_count, leader_count;
} Run;

/* What the caller was written for: a library left from another version is not used. */
int64_t shares_version(void)
{
    return 2000 + (int64_t)sizeof(Run); /* raise the 2000 when arguments change */
}

typedef struct {
    int64_t paid, growth, owned; /* at a price: payments, their growth per grain beyond it, and all money */
} Sums;

/* Call `function` so that the compiler makes a loop of its own for rows of one vote each and for approvals. */
#define SPECIALISED(run, function, ...)                                                                                \
    ((run)->votes ? ((run)->points ? function(run, (run)->votes, (run)->points, __VA_ARGS__)                           \
                                   : function(run, (run)->votes, NULL, __VA_ARGS__))                                   \
                  : ((run)->points ? function(run, NULL, (run)->points, __VA_ARGS__)                                   \
                                   : function(run, NULL, NULL, __VA_ARGS__)))

static inline Sums sums_at(const Run *run, const int64_t *votes, const int64_t *points, int64_t plan, int64_t price)
{
    Sums sums = {0, 0, 0};
    const int64_t *restrict money = run->money;
    const int32_t *restrict supporters = run->supporters;
    for (int64_t i = run->first[plan]; i < run->first[plan + 1]; i++) {
        const int32_t row = supporters[i];
        const int64_t weight = votes ? votes[row] : 1, each = points ? points[i] : 1;
        const int64_t has = money[row], asked = price * each;
        sums.owned += weight * has;
        sums.paid += weight * (has < asked ? has : asked);
        sums.growth += has > asked ? weight * each : 0;
    }
    return sums;
}

/* The list of those who can pay more than a price, beside what all others own together. */
typedef struct {
    int64_t count, others, growth, price;
} Rich;

static inline Rich rich_at(Run *run, const int64_t *votes, const int64_t *points, int64_t plan, int64_t price)
{
    Rich rich = {0, 0, 0, price};
    for (int64_t i = run->first[plan]; i < run->first[plan + 1]; i++) {
        const int32_t row = run->supporters[i];
        const int64_t weight = votes ? votes[row] : 1, each = points ? points[i] : 1, has = run->money[row];
        const int64_t above = has > price * each;
        /* Written always, kept if above: no branch for the processor to guess. */
        run->rich_money[rich.count] = has;
        if (votes)
            run->rich_votes[rich.count] = weight;
        if (points)
            run->rich_points[rich.count] = each;
        rich.count += above;
        rich.growth += above ? weight * each : 0;
        rich.others += above ? 0 : weight * has;
    }
    return rich;
}

/* The list at a higher price; `most`, which nobody has, is as good as all prices above it and never overflows. */
static inline Rich raised(Run *run, const int64_t *votes, const int64_t *points, Rich rich, int64_t price)
{
    price = price < run->most ? price : run->most;
    Rich next = {0, rich.others, 0, price};
    for (int64_t i = 0; i < rich.count; i++) {
        const int64_t weight = votes ? run->rich_votes[i] : 1, each = points ? run->rich_points[i] : 1;
        const int64_t has = run->rich_money[i], above = has > price * each;
        run->rich_money[next.count] = has;
        if (votes)
            run->rich_votes[next.count] = weight;
        if (points)
            run->rich_points[next.count] = each;
        next.count += above;
        next.growth += above ? weight * each : 0;
        next.others += above ? 0 : weight * has;
    }
    return next;
}

/*
 * The price at which payments reach `cost`, rounded down, from a price at which they don't exceed it. Payments are
 * concave in the price: a step along the tangent never goes too far. A growth of 0 at the end says that they never do.
 */
static Rich price_of(Run *run, Rich rich, int64_t cost)
{
    while (rich.growth > 0) {
        const int64_t step = (cost - rich.others - rich.price * rich.growth) / rich.growth;
        if (step <= 0)
            break;
        rich = SPECIALISED(run, raised, rich, rich.price + step);
    }
    return rich;
}

/* What all supporters pay at the list's price: the others all that they own. */
static int64_t paid_by(Rich rich)
{
    return rich.others + rich.price * rich.growth;
}

/* Look at a plan: 0 when its level surely is above `best` or it is too dear, else 1 with bounds of its price. */
FOR_EACH_PROCESSOR static int look(Run *run, int64_t plan, double best, int64_t *low, int64_t *high)
{
    const int64_t cost = run->costs[plan];
    if (best < INFINITY) {
        const double limit = ceil(best * run->units[plan] * ABOVE);
        const int64_t price = limit < (double)run->most ? (int64_t)limit : run->most;
        const Sums sums = SPECIALISED(run, sums_at, plan, price);
        if (sums.owned < cost) {
            run->state[plan] = GONE; /* money only gets less */
            return 0;
        }
        if (sums.paid < cost) {
            const int64_t bound = price + (cost - sums.paid) / sums.growth;
            run->price[plan] = bound > run->price[plan] ? bound : run->price[plan];
            return 0;
        }
    }
    Rich rich = SPECIALISED(run, rich_at, plan, run->price[plan] < run->most ? run->price[plan] : run->most);
    rich = price_of(run, rich, cost);
    if (paid_by(rich) < cost && rich.growth == 0) {
        run->state[plan] = GONE;
        return 0;
    }
    *low = run->price[plan] = rich.price;
    /* One step up, to where the excess is paid too: mostly nobody runs dry on so short a way. */
    while (paid_by(rich) < cost + run->excess && rich.growth > 0)
        rich = SPECIALISED(run, raised, rich, rich.price + 1 + (cost + run->excess - paid_by(rich)) / rich.growth);
    *high = paid_by(rich) < cost + run->excess ? -1 : rich.price;
    return 1;
}

static double level_above(const Run *run, int64_t plan, int64_t high)
{
    return high < 0 ? INFINITY : (double)high / run->units[plan] * ABOVE;
}

/* Find lower bounds of the levels of all open plans. */
static void bound_levels(Run *run)
{
    for (int64_t plan = 0; plan < run->plans; plan++)
        run->least[plan] =
            run->state[plan] == OPEN ? (double)run->price[plan] / run->units[plan] * BELOW : INFINITY;
}

/* The plan of least bound up to `best` that was not looked at yet; -1 when there is none. */
static int64_t next_to_look_at(const Run *run, double best)
{
    int64_t found = -1;
    for (int64_t plan = 0; plan < run->plans; plan++)
        if (run->least[plan] <= best && run->least[plan] < INFINITY) {
            best = run->least[plan];
            found = plan;
        }
    return found;
}

/* The votes x points of the supporters who have anything, if all of them surely can pay `high` in full; else 0. */
static inline int64_t plain_votes(const Run *run, const int64_t *votes, const int64_t *points, int64_t plan,
                                  int64_t high)
{
    int64_t paying = 0;
    for (int64_t i = run->first[plan]; i < run->first[plan + 1]; i++) {
        const int32_t row = run->supporters[i];
        const int64_t each = points ? points[i] : 1, has = run->money[row];
        if (has == 0)
            continue;
        if (has - run->excess < high * each)
            return 0;
        paying += (votes ? votes[row] : 1) * each;
    }
    return paying;
}

/* Fill in the leaders: the plans that may have the lowest level of all that are open. */
static void find_leaders(Run *run)
{
    double best = INFINITY;
    int64_t plan, count = 0, kept = 0;
    bound_levels(run);
    while ((plan = next_to_look_at(run, best)) >= 0) {
        run->least[plan] = INFINITY;
        if (look(run, plan, best, &run->lows[count], &run->highs[count])) {
            const double level = level_above(run, plan, run->highs[count]);
            best = level < best ? level : best;
            run->leaders[count++] = (int32_t)plan;
        }
    }
    for (int64_t i = 0; i < count; i++) {
        if ((double)run->lows[i] / run->units[run->leaders[i]] * BELOW > best)
            continue;
        run->leaders[kept] = run->leaders[i];
        run->lows[kept] = run->lows[i];
        run->highs[kept++] = run->highs[i];
    }
    run->leader_count = kept;
}

/* Let the supporters pay; return what they pay together. */
static inline int64_t pay(Run *run, const int64_t *votes, const int64_t *points, int64_t plan, int64_t price)
{
    int64_t paid = 0;
    for (int64_t i = run->first[plan]; i < run->first[plan + 1]; i++) {
        const int32_t row = run->supporters[i];
        const int64_t weight = votes ? votes[row] : 1, asked = price * (points ? points[i] : 1);
        const int64_t has = run->money[row], pays = has < asked ? has : asked;
        paid += weight * pays;
        run->money[row] = has - pays;
    }
    return paid;
}

/* Close and open plans as limits and needs say after a purchase; with plan -1 as they say at the start. */
static void apply_rules(Run *run, int64_t plan)
{
    for (int64_t limit = 0; limit < run->limits; limit++) {
        const int64_t *amounts = run->limit_amounts + limit * run->plans;
        if (plan >= 0 && amounts[plan] > 0)
            run->room[limit] -= amounts[plan];
        for (int64_t other = 0; other < run->plans; other++)
            if (amounts[other] >= 0 && amounts[other] > run->room[limit])
                run->state[other] = GONE;
    }
    for (int64_t other = 0; other < run->plans && run->needs; other++) {
        int waits = 0;
        for (int64_t i = 0; i < run->needs; i++)
            if (run->need_pairs[2 * i] == other) {
                int has = 0;
                for (int64_t k = 0; k < run->bought_count; k++)
                    has |= run->bought[k] == run->need_pairs[2 * i + 1];
                waits |= !has;
            }
        if (run->state[other] != GONE)
            run->state[other] = waits ? WAITING : OPEN;
    }
}

/* Begin a run: everybody has `start` grains, or those of `starts`. */
void shares_start(Run *run, int64_t start, const int64_t *starts)
{
    if (starts)
        memcpy(run->money, starts, (size_t)run->rows * sizeof *starts);
    else
        for (int64_t row = 0; row < run->rows; row++)
            run->money[row] = start;
    for (int64_t plan = 0; plan < run->plans; plan++) {
        run->state[plan] = run->state_start[plan];
        run->price[plan] = run->support[plan] ? run->costs[plan] / run->support[plan] : 0; /* if all pay in full */
        /* Whoever starts with the same as all others shows without a look what his plans can't be paid with. */
        if (!starts && run->state[plan] == OPEN && !run->points && run->support[plan] * start < run->costs[plan])
            run->state[plan] = GONE;
    }
    for (int64_t limit = 0; limit < run->limits; limit++)
        run->room[limit] = run->room_start[limit];
    run->bought_count = run->leader_count = 0;
    apply_rules(run, -1);
}

/* Buy a plan at a price that is not above its exact one; `level` is at or above its exact level. */
FOR_EACH_PROCESSOR void shares_buy(Run *run, int64_t plan, int64_t price, double level)
{
    run->excess += run->costs[plan] - SPECIALISED(run, pay, plan, price);
    run->state[plan] = GONE;
    run->levels[run->bought_count] = level;
    run->bought[run->bought_count++] = (int32_t)plan;
    apply_rules(run, plan);
}

/* Buy plans until the next is in doubt: return how many leaders there are then, 0 at the end of the run. */
int64_t shares_go(Run *run)
{
    for (;;) {
        find_leaders(run);
        if (run->leader_count == 0)
            return 0;
        if (run->leader_count > 1 || run->highs[0] < 0)
            break;
        shares_buy(run, run->leaders[0], run->lows[0], level_above(run, run->leaders[0], run->highs[0]));
    }
    for (int64_t i = 0; i < run->leader_count; i++)
        run->plain[i] = run->highs[i] < 0 ? 0 : SPECIALISED(run, plain_votes, run->leaders[i], run->highs[i]);
    return run->leader_count;
}

/*
 * Tell whether this run surely buys exactly these, each below all others at the level given for it: `count` if so, -1 if
 * not. Where another plan is too near to tell, return the round, with that plan as the leader: the caller decides
 * exactly, and if the winner comes first marks the plan in `cleared` and calls again from that round.
 */
int64_t shares_settled(Run *run, int64_t round, int64_t count, const int32_t *winners, const double *levels,
                       uint8_t *cleared)
{
    int64_t plan, low, high;
    for (; round < count; round++) {
        if (run->state[winners[round]] != OPEN)
            return -1;
        bound_levels(run);
        run->least[winners[round]] = INFINITY;
        while ((plan = next_to_look_at(run, levels[round])) >= 0) {
            run->least[plan] = INFINITY;
            if (cleared[plan] || !look(run, plan, levels[round], &low, &high))
                continue;
            if (level_above(run, plan, high) < levels[round] * (1 - NEAR))
                return -1;
            run->leaders[0] = (int32_t)plan;
            return round;
        }
        if (!look(run, winners[round], INFINITY, &low, &high))
            return -1;
        shares_buy(run, winners[round], low, 0);
        memset(cleared, 0, (size_t)run->plans);
    }
    bound_levels(run);
    for (plan = 0; plan < run->plans; plan++)
        if (run->state[plan] == OPEN && look(run, plan, INFINITY, &low, &high))
            return -1;
    return count;
}
