"""The first house: areas, accord, people, rounds, plans, votes, counts, log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FUNCTIONS = (
    "frozen_part",
    "frozen_phase_window",
    "frozen_proposal",
    "frozen_round",
    "guard_booth_delete",
    "guard_booth_update",
    "guard_checkpoint_delete",
    "guard_checkpoint_update",
    "guard_log_leaf_delete",
    "guard_log_leaf_update",
    "guard_nullifier_delete",
    "guard_nullifier_insert",
    "guard_nullifier_update",
    "guard_opened_ballot_delete",
    "guard_opened_ballot_insert",
    "guard_opened_ballot_update",
    "guard_plan_result_delete",
    "guard_plan_result_insert",
    "guard_plan_result_update",
    "guard_registered_code_delete",
    "guard_registered_code_insert",
    "guard_registered_code_update",
    "guard_superseded_leaf_delete",
    "guard_superseded_leaf_update",
    "guard_tally_delete",
    "guard_tally_update",
    "refuse_frozen",
    "refuse_log_change",
)
TRIGGERS = {
    "postgresql": [
        "CREATE OR REPLACE FUNCTION refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
        "EXCEPTION 'append-only: the log is never changed' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER append_only_audit_entry_update BEFORE UPDATE ON audit_entry FOR EACH STATEMENT "
        "EXECUTE FUNCTION refuse_log_change()",
        "CREATE TRIGGER append_only_audit_entry_delete BEFORE DELETE ON audit_entry FOR EACH STATEMENT "
        "EXECUTE FUNCTION refuse_log_change()",
        "CREATE TRIGGER append_only_audit_payload_update BEFORE UPDATE ON audit_payload FOR EACH STATEMENT "
        "EXECUTE FUNCTION refuse_log_change()",
        "CREATE TRIGGER append_only_audit_entry_truncate BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT "
        "EXECUTE FUNCTION refuse_log_change()",
        "CREATE OR REPLACE FUNCTION refuse_frozen() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE "
        "EXCEPTION 'frozen: the vote of this round has been opened' USING ERRCODE = 'check_violation'; END "
        "$$",
        "CREATE OR REPLACE FUNCTION is_frozen(wanted bigint) RETURNS boolean LANGUAGE plpgsql AS $$ DECLARE "
        "found text; BEGIN SELECT fingerprint INTO found FROM round WHERE id = wanted FOR SHARE; RETURN "
        "coalesce(found, '') <> ''; END $$",
        "CREATE OR REPLACE FUNCTION frozen_round() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = "
        "'DELETE' THEN IF OLD.fingerprint <> '' THEN PERFORM refuse_frozen(); END IF; ELSE IF "
        "OLD.fingerprint <> '' AND (NEW.slug IS DISTINCT FROM OLD.slug OR NEW.title IS DISTINCT FROM "
        "OLD.title OR NEW.summary IS DISTINCT FROM OLD.summary OR NEW.owner_code IS DISTINCT FROM "
        "OLD.owner_code OR NEW.rules IS DISTINCT FROM OLD.rules OR NEW.fingerprint IS DISTINCT FROM "
        "OLD.fingerprint OR NEW.opened_at IS DISTINCT FROM OLD.opened_at OR NEW.published_at IS DISTINCT "
        "FROM OLD.published_at OR OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at "
        "OR OLD.certified_at IS NOT NULL AND NEW.certified_at IS DISTINCT FROM OLD.certified_at OR "
        "NEW.lot_seed <> OLD.lot_seed AND (OLD.lot_seed <> '' OR NEW.closed_at IS NULL)) THEN PERFORM "
        "refuse_frozen(); END IF; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE OR REPLACE FUNCTION frozen_part() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP <> "
        "'INSERT' THEN IF TRUE AND is_frozen(OLD.round_id) THEN PERFORM refuse_frozen(); END IF; END IF; IF "
        "TG_OP <> 'DELETE' THEN IF TRUE AND is_frozen(NEW.round_id) THEN PERFORM refuse_frozen(); END IF; "
        "END IF;  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE OR REPLACE FUNCTION frozen_phase_window() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "TG_OP <> 'INSERT' THEN IF OLD.phase = 'voting' AND is_frozen(OLD.round_id) THEN PERFORM "
        "refuse_frozen(); END IF; END IF; IF TG_OP <> 'DELETE' THEN IF NEW.phase = 'voting' AND "
        "is_frozen(NEW.round_id) THEN PERFORM refuse_frozen(); END IF; END IF;  IF TG_OP = 'DELETE' THEN "
        "RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE OR REPLACE FUNCTION frozen_proposal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP "
        "= 'UPDATE' THEN IF NEW.title IS NOT DISTINCT FROM OLD.title AND NEW.summary IS NOT DISTINCT FROM "
        "OLD.summary AND NEW.cost_cents IS NOT DISTINCT FROM OLD.cost_cents AND NEW.theme_id IS NOT DISTINCT "
        "FROM OLD.theme_id AND NEW.buurt_code IS NOT DISTINCT FROM OLD.buurt_code AND NEW.number IS NOT "
        "DISTINCT FROM OLD.number AND NEW.status IS NOT DISTINCT FROM OLD.status AND NEW.round_id IS NOT "
        "DISTINCT FROM OLD.round_id THEN RETURN NEW; END IF; END IF; IF TG_OP <> 'INSERT' THEN IF OLD.status "
        "= 'admitted' AND is_frozen(OLD.round_id) THEN PERFORM refuse_frozen(); END IF; END IF; IF TG_OP <> "
        "'DELETE' THEN IF NEW.status = 'admitted' AND is_frozen(NEW.round_id) THEN PERFORM refuse_frozen(); "
        "END IF; END IF;  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER frozen_pot BEFORE INSERT OR UPDATE OR DELETE ON pot FOR EACH ROW EXECUTE FUNCTION "
        "frozen_part()",
        "CREATE TRIGGER frozen_theme BEFORE INSERT OR UPDATE OR DELETE ON theme FOR EACH ROW EXECUTE "
        "FUNCTION frozen_part()",
        "CREATE TRIGGER frozen_round_area BEFORE INSERT OR UPDATE OR DELETE ON round_area FOR EACH ROW "
        "EXECUTE FUNCTION frozen_part()",
        "CREATE TRIGGER frozen_phase_window BEFORE INSERT OR UPDATE OR DELETE ON phase_window FOR EACH ROW "
        "EXECUTE FUNCTION frozen_phase_window()",
        "CREATE TRIGGER frozen_proposal BEFORE INSERT OR UPDATE OR DELETE ON proposal FOR EACH ROW EXECUTE "
        "FUNCTION frozen_proposal()",
        "CREATE TRIGGER frozen_round BEFORE UPDATE OR DELETE ON round FOR EACH ROW EXECUTE FUNCTION frozen_round()",
        "CREATE OR REPLACE FUNCTION guard_opened_ballot_insert() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF EXISTS (SELECT 1 FROM round WHERE round.id = NEW.round_id AND round.certified_at IS NOT "
        "NULL) THEN RAISE EXCEPTION 'final: the outcome of this round is certified' USING ERRCODE = "
        "'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_opened_ballot_insert BEFORE INSERT ON opened_ballot FOR EACH ROW EXECUTE "
        "FUNCTION guard_opened_ballot_insert()",
        "CREATE OR REPLACE FUNCTION guard_opened_ballot_update() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.certified_at IS NOT "
        "NULL) THEN RAISE EXCEPTION 'final: the outcome of this round is certified' USING ERRCODE = "
        "'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_opened_ballot_update BEFORE UPDATE ON opened_ballot FOR EACH ROW EXECUTE "
        "FUNCTION guard_opened_ballot_update()",
        "CREATE OR REPLACE FUNCTION guard_opened_ballot_delete() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.certified_at IS NOT "
        "NULL) THEN RAISE EXCEPTION 'final: the outcome of this round is certified' USING ERRCODE = "
        "'check_violation'; END IF; RETURN OLD; END $$",
        "CREATE TRIGGER guard_opened_ballot_delete BEFORE DELETE ON opened_ballot FOR EACH ROW EXECUTE "
        "FUNCTION guard_opened_ballot_delete()",
        "CREATE OR REPLACE FUNCTION guard_nullifier_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "EXISTS (SELECT 1 FROM round WHERE round.id = NEW.round_id AND round.certified_at IS NOT NULL) THEN "
        "RAISE EXCEPTION 'final: the outcome of this round is certified' USING ERRCODE = 'check_violation'; "
        "END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_nullifier_insert BEFORE INSERT ON nullifier FOR EACH ROW EXECUTE FUNCTION "
        "guard_nullifier_insert()",
        "CREATE OR REPLACE FUNCTION guard_nullifier_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.certified_at IS NOT NULL) THEN "
        "RAISE EXCEPTION 'final: the outcome of this round is certified' USING ERRCODE = 'check_violation'; "
        "END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_nullifier_update BEFORE UPDATE ON nullifier FOR EACH ROW EXECUTE FUNCTION "
        "guard_nullifier_update()",
        "CREATE OR REPLACE FUNCTION guard_nullifier_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.certified_at IS NOT NULL) THEN "
        "RAISE EXCEPTION 'final: the outcome of this round is certified' USING ERRCODE = 'check_violation'; "
        "END IF; RETURN OLD; END $$",
        "CREATE TRIGGER guard_nullifier_delete BEFORE DELETE ON nullifier FOR EACH ROW EXECUTE FUNCTION "
        "guard_nullifier_delete()",
        "CREATE OR REPLACE FUNCTION guard_plan_result_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM round WHERE round.id = NEW.round_id AND round.certified_at IS NOT NULL) "
        "THEN RAISE EXCEPTION 'final: the outcome of this round is certified' USING ERRCODE = "
        "'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_plan_result_insert BEFORE INSERT ON plan_result FOR EACH ROW EXECUTE FUNCTION "
        "guard_plan_result_insert()",
        "CREATE OR REPLACE FUNCTION guard_plan_result_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.certified_at IS NOT NULL) "
        "THEN RAISE EXCEPTION 'final: the outcome of this round is certified' USING ERRCODE = "
        "'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_plan_result_update BEFORE UPDATE ON plan_result FOR EACH ROW EXECUTE FUNCTION "
        "guard_plan_result_update()",
        "CREATE OR REPLACE FUNCTION guard_plan_result_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.certified_at IS NOT NULL) "
        "THEN RAISE EXCEPTION 'final: the outcome of this round is certified' USING ERRCODE = "
        "'check_violation'; END IF; RETURN OLD; END $$",
        "CREATE TRIGGER guard_plan_result_delete BEFORE DELETE ON plan_result FOR EACH ROW EXECUTE FUNCTION "
        "guard_plan_result_delete()",
        "CREATE OR REPLACE FUNCTION guard_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "(CAST(NEW.round_id AS TEXT) IS DISTINCT FROM CAST(OLD.round_id AS TEXT) OR CAST(NEW.envelopes AS "
        "TEXT) IS DISTINCT FROM CAST(OLD.envelopes AS TEXT) OR CAST(NEW.opened AS TEXT) IS DISTINCT FROM "
        "CAST(OLD.opened AS TEXT) OR CAST(NEW.defects AS TEXT) IS DISTINCT FROM CAST(OLD.defects AS TEXT) OR "
        "CAST(NEW.valid_ballots AS TEXT) IS DISTINCT FROM CAST(OLD.valid_ballots AS TEXT) OR "
        "CAST(NEW.spent_cents AS TEXT) IS DISTINCT FROM CAST(OLD.spent_cents AS TEXT) OR CAST(NEW.left_cents "
        "AS TEXT) IS DISTINCT FROM CAST(OLD.left_cents AS TEXT) OR CAST(NEW.trace AS TEXT) IS DISTINCT FROM "
        "CAST(OLD.trace AS TEXT) OR CAST(NEW.trace_hash AS TEXT) IS DISTINCT FROM CAST(OLD.trace_hash AS "
        "TEXT) OR CAST(NEW.opened_at AS TEXT) IS DISTINCT FROM CAST(OLD.opened_at AS TEXT) OR "
        "CAST(NEW.figures AS TEXT) IS DISTINCT FROM CAST(OLD.figures AS TEXT) OR CAST(NEW.counted_at AS "
        "TEXT) IS DISTINCT FROM CAST(OLD.counted_at AS TEXT)) AND EXISTS (SELECT 1 FROM round WHERE round.id "
        "= OLD.round_id AND round.certified_at IS NOT NULL) THEN RAISE EXCEPTION 'final: the outcome of this "
        "round is certified' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_tally_update BEFORE UPDATE ON tally FOR EACH ROW EXECUTE FUNCTION guard_tally_update()",
        "CREATE OR REPLACE FUNCTION guard_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.certified_at IS NOT NULL) THEN "
        "RAISE EXCEPTION 'final: the outcome of this round is certified' USING ERRCODE = 'check_violation'; "
        "END IF; RETURN OLD; END $$",
        "CREATE TRIGGER guard_tally_delete BEFORE DELETE ON tally FOR EACH ROW EXECUTE FUNCTION guard_tally_delete()",
        "CREATE OR REPLACE FUNCTION guard_booth_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.fingerprint <> '') THEN RAISE "
        "EXCEPTION 'frozen: the vote of this round has been opened' USING ERRCODE = 'check_violation'; END "
        "IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_booth_update BEFORE UPDATE ON booth FOR EACH ROW EXECUTE FUNCTION guard_booth_update()",
        "CREATE OR REPLACE FUNCTION guard_booth_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.fingerprint <> '') THEN RAISE "
        "EXCEPTION 'frozen: the vote of this round has been opened' USING ERRCODE = 'check_violation'; END "
        "IF; RETURN OLD; END $$",
        "CREATE TRIGGER guard_booth_delete BEFORE DELETE ON booth FOR EACH ROW EXECUTE FUNCTION guard_booth_delete()",
        "CREATE OR REPLACE FUNCTION guard_registered_code_insert() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF EXISTS (SELECT 1 FROM round WHERE round.id = NEW.round_id AND round.fingerprint <> '') "
        "THEN RAISE EXCEPTION 'frozen: the vote of this round has been opened' USING ERRCODE = "
        "'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_registered_code_insert BEFORE INSERT ON registered_code FOR EACH ROW EXECUTE "
        "FUNCTION guard_registered_code_insert()",
        "CREATE OR REPLACE FUNCTION guard_registered_code_update() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF (NEW.commitment <> OLD.commitment OR NEW.round_id <> OLD.round_id) AND EXISTS (SELECT 1 "
        "FROM round WHERE round.id = OLD.round_id AND round.fingerprint <> '') THEN RAISE EXCEPTION 'frozen: "
        "the vote of this round has been opened' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END "
        "$$",
        "CREATE TRIGGER guard_registered_code_update BEFORE UPDATE ON registered_code FOR EACH ROW EXECUTE "
        "FUNCTION guard_registered_code_update()",
        "CREATE OR REPLACE FUNCTION guard_registered_code_delete() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.fingerprint <> '') "
        "THEN RAISE EXCEPTION 'frozen: the vote of this round has been opened' USING ERRCODE = "
        "'check_violation'; END IF; RETURN OLD; END $$",
        "CREATE TRIGGER guard_registered_code_delete BEFORE DELETE ON registered_code FOR EACH ROW EXECUTE "
        "FUNCTION guard_registered_code_delete()",
        "CREATE OR REPLACE FUNCTION guard_superseded_leaf_update() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF (NEW.leaf <> OLD.leaf OR NEW.round_id <> OLD.round_id OR (OLD.published AND NOT "
        "NEW.published)) THEN RAISE EXCEPTION 'append-only: the log is never changed' USING ERRCODE = "
        "'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_superseded_leaf_update BEFORE UPDATE ON superseded_leaf FOR EACH ROW EXECUTE "
        "FUNCTION guard_superseded_leaf_update()",
        "CREATE OR REPLACE FUNCTION guard_superseded_leaf_delete() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'append-only: the log is never changed' USING ERRCODE = "
        "'check_violation'; END IF; RETURN OLD; END $$",
        "CREATE TRIGGER guard_superseded_leaf_delete BEFORE DELETE ON superseded_leaf FOR EACH ROW EXECUTE "
        "FUNCTION guard_superseded_leaf_delete()",
        "CREATE OR REPLACE FUNCTION guard_log_leaf_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "1 = 1 THEN RAISE EXCEPTION 'append-only: the log is never changed' USING ERRCODE = "
        "'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_log_leaf_update BEFORE UPDATE ON log_leaf FOR EACH ROW EXECUTE FUNCTION "
        "guard_log_leaf_update()",
        "CREATE OR REPLACE FUNCTION guard_log_leaf_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "1 = 1 THEN RAISE EXCEPTION 'append-only: the log is never changed' USING ERRCODE = "
        "'check_violation'; END IF; RETURN OLD; END $$",
        "CREATE TRIGGER guard_log_leaf_delete BEFORE DELETE ON log_leaf FOR EACH ROW EXECUTE FUNCTION "
        "guard_log_leaf_delete()",
        "CREATE OR REPLACE FUNCTION guard_checkpoint_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF 1 = 1 THEN RAISE EXCEPTION 'append-only: the log is never changed' USING ERRCODE = "
        "'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_checkpoint_update BEFORE UPDATE ON checkpoint FOR EACH ROW EXECUTE FUNCTION "
        "guard_checkpoint_update()",
        "CREATE OR REPLACE FUNCTION guard_checkpoint_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF 1 = 1 THEN RAISE EXCEPTION 'append-only: the log is never changed' USING ERRCODE = "
        "'check_violation'; END IF; RETURN OLD; END $$",
        "CREATE TRIGGER guard_checkpoint_delete BEFORE DELETE ON checkpoint FOR EACH ROW EXECUTE FUNCTION "
        "guard_checkpoint_delete()",
    ],
    "sqlite": [
        "CREATE TRIGGER append_only_audit_entry_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, "
        "'append-only: the log is never changed'); END",
        "CREATE TRIGGER append_only_audit_entry_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, "
        "'append-only: the log is never changed'); END",
        "CREATE TRIGGER append_only_audit_payload_update BEFORE UPDATE ON audit_payload BEGIN SELECT "
        "RAISE(ABORT, 'append-only: the log is never changed'); END",
        "CREATE TRIGGER frozen_round_update BEFORE UPDATE ON round WHEN (OLD.fingerprint <> '' AND (NEW.slug IS "
        "NOT OLD.slug OR NEW.title IS NOT OLD.title OR NEW.summary IS NOT OLD.summary OR NEW.owner_code IS NOT "
        "OLD.owner_code OR NEW.rules IS NOT OLD.rules OR NEW.fingerprint IS NOT OLD.fingerprint OR NEW.opened_at "
        "IS NOT OLD.opened_at OR NEW.published_at IS NOT OLD.published_at OR OLD.closed_at IS NOT NULL AND "
        "NEW.closed_at IS NOT OLD.closed_at OR OLD.certified_at IS NOT NULL AND NEW.certified_at IS NOT "
        "OLD.certified_at OR NEW.lot_seed <> OLD.lot_seed AND (OLD.lot_seed <> '' OR NEW.closed_at IS NULL))) "
        "BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this round has been opened'); END",
        "CREATE TRIGGER frozen_round_delete BEFORE DELETE ON round WHEN OLD.fingerprint <> '' BEGIN SELECT "
        "RAISE(ABORT, 'frozen: the vote of this round has been opened'); END",
        "CREATE TRIGGER frozen_pot_insert BEFORE INSERT ON pot WHEN (1 AND EXISTS (SELECT 1 FROM round WHERE id "
        "= NEW.round_id AND fingerprint <> '')) BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this round has "
        "been opened'); END",
        "CREATE TRIGGER frozen_pot_update BEFORE UPDATE ON pot WHEN ((1 AND EXISTS (SELECT 1 FROM round WHERE id "
        "= OLD.round_id AND fingerprint <> '')) OR (1 AND EXISTS (SELECT 1 FROM round WHERE id = NEW.round_id "
        "AND fingerprint <> ''))) BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this round has been opened'); "
        "END",
        "CREATE TRIGGER frozen_pot_delete BEFORE DELETE ON pot WHEN (1 AND EXISTS (SELECT 1 FROM round WHERE id "
        "= OLD.round_id AND fingerprint <> '')) BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this round has "
        "been opened'); END",
        "CREATE TRIGGER frozen_theme_insert BEFORE INSERT ON theme WHEN (1 AND EXISTS (SELECT 1 FROM round WHERE "
        "id = NEW.round_id AND fingerprint <> '')) BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this round has "
        "been opened'); END",
        "CREATE TRIGGER frozen_theme_update BEFORE UPDATE ON theme WHEN ((1 AND EXISTS (SELECT 1 FROM round "
        "WHERE id = OLD.round_id AND fingerprint <> '')) OR (1 AND EXISTS (SELECT 1 FROM round WHERE id = "
        "NEW.round_id AND fingerprint <> ''))) BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this round has "
        "been opened'); END",
        "CREATE TRIGGER frozen_theme_delete BEFORE DELETE ON theme WHEN (1 AND EXISTS (SELECT 1 FROM round WHERE "
        "id = OLD.round_id AND fingerprint <> '')) BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this round has "
        "been opened'); END",
        "CREATE TRIGGER frozen_round_area_insert BEFORE INSERT ON round_area WHEN (1 AND EXISTS (SELECT 1 FROM "
        "round WHERE id = NEW.round_id AND fingerprint <> '')) BEGIN SELECT RAISE(ABORT, 'frozen: the vote of "
        "this round has been opened'); END",
        "CREATE TRIGGER frozen_round_area_update BEFORE UPDATE ON round_area WHEN ((1 AND EXISTS (SELECT 1 FROM "
        "round WHERE id = OLD.round_id AND fingerprint <> '')) OR (1 AND EXISTS (SELECT 1 FROM round WHERE id = "
        "NEW.round_id AND fingerprint <> ''))) BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this round has "
        "been opened'); END",
        "CREATE TRIGGER frozen_round_area_delete BEFORE DELETE ON round_area WHEN (1 AND EXISTS (SELECT 1 FROM "
        "round WHERE id = OLD.round_id AND fingerprint <> '')) BEGIN SELECT RAISE(ABORT, 'frozen: the vote of "
        "this round has been opened'); END",
        "CREATE TRIGGER frozen_phase_window_insert BEFORE INSERT ON phase_window WHEN (NEW.phase = 'voting' AND "
        "EXISTS (SELECT 1 FROM round WHERE id = NEW.round_id AND fingerprint <> '')) BEGIN SELECT RAISE(ABORT, "
        "'frozen: the vote of this round has been opened'); END",
        "CREATE TRIGGER frozen_phase_window_update BEFORE UPDATE ON phase_window WHEN ((OLD.phase = 'voting' AND "
        "EXISTS (SELECT 1 FROM round WHERE id = OLD.round_id AND fingerprint <> '')) OR (NEW.phase = 'voting' "
        "AND EXISTS (SELECT 1 FROM round WHERE id = NEW.round_id AND fingerprint <> ''))) BEGIN SELECT "
        "RAISE(ABORT, 'frozen: the vote of this round has been opened'); END",
        "CREATE TRIGGER frozen_phase_window_delete BEFORE DELETE ON phase_window WHEN (OLD.phase = 'voting' AND "
        "EXISTS (SELECT 1 FROM round WHERE id = OLD.round_id AND fingerprint <> '')) BEGIN SELECT RAISE(ABORT, "
        "'frozen: the vote of this round has been opened'); END",
        "CREATE TRIGGER frozen_proposal_insert BEFORE INSERT ON proposal WHEN NEW.status = 'admitted' AND EXISTS "
        "(SELECT 1 FROM round WHERE id = NEW.round_id AND fingerprint <> '') BEGIN SELECT RAISE(ABORT, 'frozen: "
        "the vote of this round has been opened'); END",
        "CREATE TRIGGER frozen_proposal_update BEFORE UPDATE ON proposal WHEN (NEW.title IS NOT OLD.title OR "
        "NEW.summary IS NOT OLD.summary OR NEW.cost_cents IS NOT OLD.cost_cents OR NEW.theme_id IS NOT "
        "OLD.theme_id OR NEW.buurt_code IS NOT OLD.buurt_code OR NEW.number IS NOT OLD.number OR NEW.status IS "
        "NOT OLD.status OR NEW.round_id IS NOT OLD.round_id) AND ((OLD.status = 'admitted' AND EXISTS (SELECT 1 "
        "FROM round WHERE id = OLD.round_id AND fingerprint <> '')) OR (NEW.status = 'admitted' AND EXISTS "
        "(SELECT 1 FROM round WHERE id = NEW.round_id AND fingerprint <> ''))) BEGIN SELECT RAISE(ABORT, "
        "'frozen: the vote of this round has been opened'); END",
        "CREATE TRIGGER frozen_proposal_delete BEFORE DELETE ON proposal WHEN OLD.status = 'admitted' AND EXISTS "
        "(SELECT 1 FROM round WHERE id = OLD.round_id AND fingerprint <> '') BEGIN SELECT RAISE(ABORT, 'frozen: "
        "the vote of this round has been opened'); END",
        "CREATE TRIGGER guard_opened_ballot_insert BEFORE INSERT ON opened_ballot WHEN EXISTS (SELECT 1 FROM "
        "round WHERE round.id = NEW.round_id AND round.certified_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, "
        "'final: the outcome of this round is certified'); END",
        "CREATE TRIGGER guard_opened_ballot_update BEFORE UPDATE ON opened_ballot WHEN EXISTS (SELECT 1 FROM "
        "round WHERE round.id = OLD.round_id AND round.certified_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, "
        "'final: the outcome of this round is certified'); END",
        "CREATE TRIGGER guard_opened_ballot_delete BEFORE DELETE ON opened_ballot WHEN EXISTS (SELECT 1 FROM "
        "round WHERE round.id = OLD.round_id AND round.certified_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, "
        "'final: the outcome of this round is certified'); END",
        "CREATE TRIGGER guard_nullifier_insert BEFORE INSERT ON nullifier WHEN EXISTS (SELECT 1 FROM round WHERE "
        "round.id = NEW.round_id AND round.certified_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'final: the "
        "outcome of this round is certified'); END",
        "CREATE TRIGGER guard_nullifier_update BEFORE UPDATE ON nullifier WHEN EXISTS (SELECT 1 FROM round WHERE "
        "round.id = OLD.round_id AND round.certified_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'final: the "
        "outcome of this round is certified'); END",
        "CREATE TRIGGER guard_nullifier_delete BEFORE DELETE ON nullifier WHEN EXISTS (SELECT 1 FROM round WHERE "
        "round.id = OLD.round_id AND round.certified_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'final: the "
        "outcome of this round is certified'); END",
        "CREATE TRIGGER guard_plan_result_insert BEFORE INSERT ON plan_result WHEN EXISTS (SELECT 1 FROM round "
        "WHERE round.id = NEW.round_id AND round.certified_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'final: the "
        "outcome of this round is certified'); END",
        "CREATE TRIGGER guard_plan_result_update BEFORE UPDATE ON plan_result WHEN EXISTS (SELECT 1 FROM round "
        "WHERE round.id = OLD.round_id AND round.certified_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'final: the "
        "outcome of this round is certified'); END",
        "CREATE TRIGGER guard_plan_result_delete BEFORE DELETE ON plan_result WHEN EXISTS (SELECT 1 FROM round "
        "WHERE round.id = OLD.round_id AND round.certified_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'final: the "
        "outcome of this round is certified'); END",
        "CREATE TRIGGER guard_tally_update BEFORE UPDATE ON tally WHEN (CAST(NEW.round_id AS TEXT) IS DISTINCT "
        "FROM CAST(OLD.round_id AS TEXT) OR CAST(NEW.envelopes AS TEXT) IS DISTINCT FROM CAST(OLD.envelopes AS "
        "TEXT) OR CAST(NEW.opened AS TEXT) IS DISTINCT FROM CAST(OLD.opened AS TEXT) OR CAST(NEW.defects AS "
        "TEXT) IS DISTINCT FROM CAST(OLD.defects AS TEXT) OR CAST(NEW.valid_ballots AS TEXT) IS DISTINCT FROM "
        "CAST(OLD.valid_ballots AS TEXT) OR CAST(NEW.spent_cents AS TEXT) IS DISTINCT FROM CAST(OLD.spent_cents "
        "AS TEXT) OR CAST(NEW.left_cents AS TEXT) IS DISTINCT FROM CAST(OLD.left_cents AS TEXT) OR "
        "CAST(NEW.trace AS TEXT) IS DISTINCT FROM CAST(OLD.trace AS TEXT) OR CAST(NEW.trace_hash AS TEXT) IS "
        "DISTINCT FROM CAST(OLD.trace_hash AS TEXT) OR CAST(NEW.opened_at AS TEXT) IS DISTINCT FROM "
        "CAST(OLD.opened_at AS TEXT) OR CAST(NEW.figures AS TEXT) IS DISTINCT FROM CAST(OLD.figures AS TEXT) OR "
        "CAST(NEW.counted_at AS TEXT) IS DISTINCT FROM CAST(OLD.counted_at AS TEXT)) AND EXISTS (SELECT 1 FROM "
        "round WHERE round.id = OLD.round_id AND round.certified_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, "
        "'final: the outcome of this round is certified'); END",
        "CREATE TRIGGER guard_tally_delete BEFORE DELETE ON tally WHEN EXISTS (SELECT 1 FROM round WHERE "
        "round.id = OLD.round_id AND round.certified_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'final: the "
        "outcome of this round is certified'); END",
        "CREATE TRIGGER guard_booth_update BEFORE UPDATE ON booth WHEN EXISTS (SELECT 1 FROM round WHERE "
        "round.id = OLD.round_id AND round.fingerprint <> '') BEGIN SELECT RAISE(ABORT, 'frozen: the vote of "
        "this round has been opened'); END",
        "CREATE TRIGGER guard_booth_delete BEFORE DELETE ON booth WHEN EXISTS (SELECT 1 FROM round WHERE "
        "round.id = OLD.round_id AND round.fingerprint <> '') BEGIN SELECT RAISE(ABORT, 'frozen: the vote of "
        "this round has been opened'); END",
        "CREATE TRIGGER guard_registered_code_insert BEFORE INSERT ON registered_code WHEN EXISTS (SELECT 1 FROM "
        "round WHERE round.id = NEW.round_id AND round.fingerprint <> '') BEGIN SELECT RAISE(ABORT, 'frozen: the "
        "vote of this round has been opened'); END",
        "CREATE TRIGGER guard_registered_code_update BEFORE UPDATE ON registered_code WHEN (NEW.commitment <> "
        "OLD.commitment OR NEW.round_id <> OLD.round_id) AND EXISTS (SELECT 1 FROM round WHERE round.id = "
        "OLD.round_id AND round.fingerprint <> '') BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this round has "
        "been opened'); END",
        "CREATE TRIGGER guard_registered_code_delete BEFORE DELETE ON registered_code WHEN EXISTS (SELECT 1 FROM "
        "round WHERE round.id = OLD.round_id AND round.fingerprint <> '') BEGIN SELECT RAISE(ABORT, 'frozen: the "
        "vote of this round has been opened'); END",
        "CREATE TRIGGER guard_superseded_leaf_update BEFORE UPDATE ON superseded_leaf WHEN (NEW.leaf <> OLD.leaf "
        "OR NEW.round_id <> OLD.round_id OR (OLD.published AND NOT NEW.published)) BEGIN SELECT RAISE(ABORT, "
        "'append-only: the log is never changed'); END",
        "CREATE TRIGGER guard_superseded_leaf_delete BEFORE DELETE ON superseded_leaf WHEN 1 = 1 BEGIN SELECT "
        "RAISE(ABORT, 'append-only: the log is never changed'); END",
        "CREATE TRIGGER guard_log_leaf_update BEFORE UPDATE ON log_leaf WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, "
        "'append-only: the log is never changed'); END",
        "CREATE TRIGGER guard_log_leaf_delete BEFORE DELETE ON log_leaf WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, "
        "'append-only: the log is never changed'); END",
        "CREATE TRIGGER guard_checkpoint_update BEFORE UPDATE ON checkpoint WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, "
        "'append-only: the log is never changed'); END",
        "CREATE TRIGGER guard_checkpoint_delete BEFORE DELETE ON checkpoint WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, "
        "'append-only: the log is never changed'); END",
    ],
}


def upgrade() -> None:
    op.create_table(
        "akkoord_edition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("adopted_on", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("term", sa.String(length=200), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_akkoord_edition")),
        sa.UniqueConstraint("slug", name=op.f("uq_akkoord_edition_slug")),
    )
    op.create_table(
        "area",
        sa.Column("code", sa.String(length=14), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "gemeente",
                "stadsdeel",
                "gebied",
                "wijk",
                "buurt",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("search", sa.String(length=120), nullable=False),
        sa.Column("parent_code", sa.String(length=14), nullable=True),
        sa.Column("gebied_code", sa.String(length=14), nullable=False),
        sa.Column("district_code", sa.String(length=14), nullable=False),
        sa.Column("square_metres", sa.Integer(), nullable=False),
        sa.Column("x", sa.Double(), nullable=False),
        sa.Column("y", sa.Double(), nullable=False),
        sa.Column("outline", sa.Text(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["parent_code"], ["area.code"], name=op.f("fk_area_parent_code_area")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_area")),
    )
    op.create_index("ix_area_changed_at", "area", ["changed_at"], unique=False)
    op.create_index("ix_area_district_code", "area", ["district_code"], unique=False)
    op.create_index("ix_area_gebied_code", "area", ["gebied_code"], unique=False)
    op.create_index("ix_area_level_name", "area", ["level", "name"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("payload_commitment", sa.String(length=64), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_entry_hash")),
    )
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "seq"], unique=False)
    op.create_index("ix_audit_entry_object", "audit_entry", ["object", "seq"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "outbox_mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("template", sa.String(length=80), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
    )
    op.create_index("ix_outbox_mail_next_try_at", "outbox_mail", ["sent_at", "next_try_at"], unique=False)

    op.create_table(
        "sign_in_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("next_path", sa.String(length=500), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_link")),
    )
    op.create_index("ix_sign_in_link_expires_at", "sign_in_link", ["expires_at"], unique=False)

    op.create_table(
        "user_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("pseudonym", sa.String(length=40), nullable=False),
        sa.Column("totp_secret", sa.String(length=64), nullable=False),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_user_account_pseudonym")),
    )
    op.create_table(
        "akkoord_group",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("edition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["akkoord_edition.id"], name=op.f("fk_akkoord_group_edition_id_akkoord_edition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_akkoord_group")),
        sa.UniqueConstraint("edition_id", "slug", name=op.f("uq_akkoord_group_edition_id_slug")),
    )
    op.create_table(
        "akkoord_milestone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("edition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["akkoord_edition.id"], name=op.f("fk_akkoord_milestone_edition_id_akkoord_edition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_akkoord_milestone")),
        sa.UniqueConstraint("edition_id", "happened_on", name=op.f("uq_akkoord_milestone_edition_id_happened_on")),
    )
    op.create_table(
        "audit_payload",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["audit_entry.seq"], name=op.f("fk_audit_payload_seq_audit_entry")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_payload")),
    )
    op.create_table(
        "audit_point",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["audit_entry.seq"], name=op.f("fk_audit_point_seq_audit_entry")),
        sa.PrimaryKeyConstraint("number", "seq", name=op.f("pk_audit_point")),
    )
    op.create_table(
        "postcode",
        sa.Column("digits", sa.String(length=4), nullable=False),
        sa.Column("buurt_code", sa.String(length=14), nullable=False),
        sa.Column("certainty", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["buurt_code"], ["area.code"], name=op.f("fk_postcode_buurt_code_area")),
        sa.PrimaryKeyConstraint("digits", name=op.f("pk_postcode")),
    )
    op.create_table(
        "role_grant",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "coordinator",
                "staff",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("area_code", sa.String(length=14), nullable=False),
        sa.Column("granted_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_role_grant_area_code_area")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_role_grant_user_id_user_account")),
        sa.PrimaryKeyConstraint("user_id", "role", "area_code", name=op.f("pk_role_grant")),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.String(length=600), nullable=False),
        sa.Column("owner_code", sa.String(length=14), nullable=False),
        sa.Column("contact", sa.String(length=300), nullable=False),
        sa.Column("decision_url", sa.String(length=500), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("lot_seed", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user_account.id"], name=op.f("fk_round_created_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(["owner_code"], ["area.code"], name=op.f("fk_round_owner_code_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("slug", name=op.f("uq_round_slug")),
    )
    op.create_index(op.f("ix_round_owner_code"), "round", ["owner_code"], unique=False)
    op.create_index("ix_round_published_at", "round", ["published_at"], unique=False)

    op.create_table(
        "user_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_session_user_id_user_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_session")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)

    op.create_table(
        "akkoord_point",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("edition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("part_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("target_share_from", sa.Integer(), nullable=False),
        sa.Column("target_share_to", sa.Integer(), nullable=False),
        sa.Column("target_count", sa.Integer(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("when", sa.Text(), nullable=False),
        sa.Column("where", sa.Text(), nullable=False),
        sa.Column("with_whom", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["akkoord_edition.id"], name=op.f("fk_akkoord_point_edition_id_akkoord_edition")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["akkoord_group.id"], name=op.f("fk_akkoord_point_group_id_akkoord_group")
        ),
        sa.ForeignKeyConstraint(
            ["part_of_id"], ["akkoord_point.id"], name=op.f("fk_akkoord_point_part_of_id_akkoord_point")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_akkoord_point")),
        sa.UniqueConstraint("edition_id", "number", name=op.f("uq_akkoord_point_edition_id_number")),
        sa.UniqueConstraint("edition_id", "slug", name=op.f("uq_akkoord_point_edition_id_slug")),
    )
    op.create_index(op.f("ix_akkoord_point_group_id"), "akkoord_point", ["group_id"], unique=False)

    op.create_table(
        "ballot_box",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("locator", sa.LargeBinary(length=32), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("nonce_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_ct", sa.LargeBinary(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_ballot_box_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "locator", name=op.f("pk_ballot_box")),
        sa.UniqueConstraint("leaf", name=op.f("uq_ballot_box_leaf")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "booth",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealing_public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signing_public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("manifest_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("codes_note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_booth_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_booth")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_checkpoint_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "size", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "code_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.Column("spares", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_code_batch_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_batch")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_code_batch_round_id_number")),
    )
    op.create_table(
        "log_leaf",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_log_leaf_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "position", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("round_id", "leaf", name=op.f("uq_log_leaf_round_id_leaf")),
    )
    op.create_table(
        "nullifier",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nullifier", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_nullifier_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "nullifier", name=op.f("pk_nullifier")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "opened_ballot",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tracker", sa.LargeBinary(length=16), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("blind", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_opened_ballot_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "tracker", name=op.f("pk_opened_ballot")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "phase_window",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "phase",
            sa.Enum(
                "preparation",
                "submission",
                "cocreation",
                "feasibility",
                "voting",
                "counting",
                "realisation",
                "finished",
                name="phase",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("begins_at < ends_at", name=op.f("ck_phase_window_begins_before_end")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_phase_window_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "phase", name=op.f("pk_phase_window")),
    )
    op.create_table(
        "registered_code",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "status",
            sa.Enum("active", "void", "spare", name="codestatus", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_registered_code_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "commitment", name=op.f("pk_registered_code")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "round_area",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("area_code", sa.String(length=14), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_round_area_area_code_area")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_area_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "area_code", name=op.f("pk_round_area")),
    )
    op.create_index(op.f("ix_round_area_area_code"), "round_area", ["area_code"], unique=False)

    op.create_table(
        "round_step",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "open", "close", "certify", name="doublestep", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("requested_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_round_step_confirmed_together")
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> requested_by_id", name=op.f("ck_round_step_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["user_account.id"], name=op.f("fk_round_step_confirmed_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["user_account.id"], name=op.f("fk_round_step_requested_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_step_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "step", name=op.f("pk_round_step")),
    )
    op.create_table(
        "superseded_leaf",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_superseded_leaf_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "leaf", name=op.f("pk_superseded_leaf")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tally",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("envelopes", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("defects", sa.JSON(), nullable=False),
        sa.Column("valid_ballots", sa.Integer(), nullable=False),
        sa.Column("spent_cents", sa.BigInteger(), nullable=False),
        sa.Column("left_cents", sa.BigInteger(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("trace_hash", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recounts", sa.Integer(), nullable=False),
        sa.Column("recounted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_tally_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_tally")),
    )
    op.create_table(
        "theme",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("scene", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_theme_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme")),
        sa.UniqueConstraint("round_id", "name", name=op.f("uq_theme_round_id_name")),
    )
    op.create_table(
        "akkoord_figure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"], ["akkoord_point.id"], name=op.f("fk_akkoord_figure_point_id_akkoord_point")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_akkoord_figure")),
    )
    op.create_index(op.f("ix_akkoord_figure_point_id"), "akkoord_figure", ["point_id"], unique=False)

    op.create_table(
        "akkoord_status_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "not_started",
                "working_out",
                "under_way",
                "done",
                "stopped",
                name="standing",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"], ["akkoord_point.id"], name=op.f("fk_akkoord_status_change_point_id_akkoord_point")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_akkoord_status_change")),
    )
    op.create_index(op.f("ix_akkoord_status_change_point_id"), "akkoord_status_change", ["point_id"], unique=False)

    op.create_table(
        "pot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("theme_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("area_code", sa.String(length=14), nullable=True),
        sa.CheckConstraint("cents > 0", name=op.f("ck_pot_holds_money")),
        sa.CheckConstraint("theme_id IS NULL OR area_code IS NULL", name=op.f("ck_pot_one_purpose")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_pot_area_code_area")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_pot_round_id_round")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_pot_theme_id_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pot")),
        sa.UniqueConstraint("round_id", "position", name=op.f("uq_pot_round_id_position")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("theme_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("buurt_code", sa.String(length=14), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("scene", sa.String(length=20), nullable=False),
        sa.Column("help_wanted", sa.String(length=300), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author_name", sa.String(length=80), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "concept",
                "submitted",
                "admitted",
                "refused",
                "withdrawn",
                name="proposalstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("estimate_cents", sa.BigInteger(), nullable=False),
        sa.Column("cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("source_key", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status <> 'admitted' OR cost_cents > 0", name=op.f("ck_proposal_admitted_has_cost")),
        sa.CheckConstraint("status = 'concept' OR number > 0", name=op.f("ck_proposal_submitted_has_number")),
        sa.CheckConstraint("cost_cents >= 0", name=op.f("ck_proposal_cost_not_negative")),
        sa.CheckConstraint("estimate_cents >= 0", name=op.f("ck_proposal_estimate_not_negative")),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_proposal_author_id_user_account")),
        sa.ForeignKeyConstraint(["buurt_code"], ["area.code"], name=op.f("fk_proposal_buurt_code_area")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_proposal_round_id_round")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_proposal_theme_id_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_author_id"), "proposal", ["author_id"], unique=False)
    op.create_index(op.f("ix_proposal_buurt_code"), "proposal", ["buurt_code"], unique=False)
    op.create_index("ix_proposal_round_id_status", "proposal", ["round_id", "status"], unique=False)
    op.create_index(op.f("ix_proposal_theme_id"), "proposal", ["theme_id"], unique=False)
    op.create_index(
        "uq_proposal_round_id_number",
        "proposal",
        ["round_id", "number"],
        unique=True,
        sqlite_where=sa.text("number > 0"),
        postgresql_where=sa.text("number > 0"),
    )

    op.create_table(
        "round_point",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["point_id"], ["akkoord_point.id"], name=op.f("fk_round_point_point_id_akkoord_point")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_point_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "point_id", name=op.f("pk_round_point")),
    )
    op.create_index(op.f("ix_round_point_point_id"), "round_point", ["point_id"], unique=False)

    op.create_table(
        "cost_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_cents", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("yearly", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_cost_line_some")),
        sa.CheckConstraint("unit_cents >= 0", name=op.f("ck_cost_line_not_negative")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_cost_line_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_line")),
        sa.UniqueConstraint("proposal_id", "position", name=op.f("uq_cost_line_proposal_id_position")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("admitted", sa.Boolean(), nullable=False),
        sa.Column("cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user_account.id"], name=op.f("fk_decision_decided_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_decision_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_proposal_id"), "decision", ["proposal_id"], unique=False)

    op.create_table(
        "plan_result",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=30), nullable=False),
        sa.Column("awarded_cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_plan_result_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_plan_result_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "proposal_id", name=op.f("pk_plan_result")),
    )
    op.create_index("ix_plan_result_proposal_id", "plan_result", ["proposal_id"], unique=False)

    op.create_table(
        "proposal_point",
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"], ["akkoord_point.id"], name=op.f("fk_proposal_point_point_id_akkoord_point")
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_point_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("proposal_id", "point_id", name=op.f("pk_proposal_point")),
    )
    op.create_index(op.f("ix_proposal_point_point_id"), "proposal_point", ["point_id"], unique=False)
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:

    op.drop_table("proposal_point")

    op.drop_table("plan_result")

    op.drop_table("decision")
    op.drop_table("cost_line")

    op.drop_table("round_point")

    op.drop_table("proposal")
    op.drop_table("pot")

    op.drop_table("akkoord_status_change")

    op.drop_table("akkoord_figure")
    op.drop_table("theme")
    op.drop_table("tally")
    op.drop_table("superseded_leaf")
    op.drop_table("round_step")

    op.drop_table("round_area")
    op.drop_table("registered_code")
    op.drop_table("phase_window")
    op.drop_table("opened_ballot")
    op.drop_table("nullifier")
    op.drop_table("log_leaf")
    op.drop_table("code_batch")
    op.drop_table("checkpoint")
    op.drop_table("booth")
    op.drop_table("ballot_box")

    op.drop_table("akkoord_point")

    op.drop_table("user_session")

    op.drop_table("round")
    op.drop_table("role_grant")
    op.drop_table("postcode")
    op.drop_table("audit_point")
    op.drop_table("audit_payload")
    op.drop_table("akkoord_milestone")
    op.drop_table("akkoord_group")
    op.drop_table("user_account")

    op.drop_table("sign_in_link")

    op.drop_table("outbox_mail")
    op.drop_table("audit_head")

    op.drop_table("audit_entry")

    op.drop_table("area")
    op.drop_table("akkoord_edition")
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
