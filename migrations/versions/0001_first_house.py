"""The tables of the first house; the guards of the tables are code and are made after every migration.

Revision: 0001, after None
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


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
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.create_index("ix_area_changed_at", ["changed_at"], unique=False)
        batch_op.create_index("ix_area_district_code", ["district_code"], unique=False)
        batch_op.create_index("ix_area_gebied_code", ["gebied_code"], unique=False)
        batch_op.create_index("ix_area_level_name", ["level", "name"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index("ix_attempt_at", ["at"], unique=False)
        batch_op.create_index("ix_attempt_key_at", ["key", "at"], unique=False)

    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoint")),
    )
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
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_entry_hash")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entry_action", ["action", "seq"], unique=False)
        batch_op.create_index("ix_audit_entry_object", ["object", "seq"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task", sa.String(length=60), nullable=False),
        sa.Column("arguments", sa.String(length=500), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "failed",
                name="jobstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("task", "arguments", name=op.f("uq_job_task_arguments")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_state_due_at", ["state", "due_at"], unique=False)

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
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_mail_next_try_at", ["sent_at", "next_try_at"], unique=False)

    op.create_table(
        "sent_form",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sent_form")),
    )
    with op.batch_alter_table("sent_form", schema=None) as batch_op:
        batch_op.create_index("ix_sent_form_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "sign_in_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("next_path", sa.String(length=500), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_link")),
    )
    with op.batch_alter_table("sign_in_link", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_link_expires_at", ["expires_at"], unique=False)

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
        sa.Column("may_publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_user_account_pseudonym")),
    )
    op.create_table(
        "waiting_form",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("once", sa.String(length=64), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_waiting_form")),
    )
    with op.batch_alter_table("waiting_form", schema=None) as batch_op:
        batch_op.create_index("ix_waiting_form_email", ["email"], unique=False)
        batch_op.create_index("ix_waiting_form_expires_at", ["expires_at"], unique=False)

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
        "audit_cosignature",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("witness", sa.String(length=400), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["size"], ["audit_checkpoint.size"], name=op.f("fk_audit_cosignature_size_audit_checkpoint")
        ),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_audit_cosignature")),
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
        "audit_withheld",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("for_good", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["audit_entry.seq"], name=op.f("fk_audit_withheld_seq_audit_entry")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_withheld")),
    )
    op.create_table(
        "audit_point",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["audit_entry.seq"], name=op.f("fk_audit_point_seq_audit_entry")),
        sa.PrimaryKeyConstraint("number", "edition", "seq", name=op.f("pk_audit_point")),
    )
    op.create_table(
        "dual_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "confirmed",
                "withdrawn",
                "lapsed",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ended_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_dual_request_ended_has_moment")),
        sa.CheckConstraint(
            "(state IN ('confirmed', 'withdrawn')) = (ended_by_id IS NOT NULL)",
            name=op.f("ck_dual_request_ended_by_somebody"),
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR ended_by_id <> requested_by_id", name=op.f("ck_dual_request_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["user_account.id"], name=op.f("fk_dual_request_ended_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(["entry"], ["audit_entry.seq"], name=op.f("fk_dual_request_entry_audit_entry")),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["user_account.id"], name=op.f("fk_dual_request_requested_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dual_request")),
    )
    with op.batch_alter_table("dual_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dual_request_ended_by_id"), ["ended_by_id"], unique=False)
        batch_op.create_index("ix_dual_request_object", ["object", "act"], unique=False)
        batch_op.create_index(batch_op.f("ix_dual_request_requested_by_id"), ["requested_by_id"], unique=False)
        batch_op.create_index(
            "uq_dual_request_act_object_open",
            ["act", "object"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "export",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("data_set", sa.String(length=40), nullable=False),
        sa.Column("ending", sa.String(length=40), nullable=False),
        sa.Column("url", sa.String(length=4000), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_export_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
        sa.UniqueConstraint("token", name=op.f("uq_export_token")),
    )
    with op.batch_alter_table("export", schema=None) as batch_op:
        batch_op.create_index("ix_export_asked_at", ["asked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_export_user_id"), ["user_id"], unique=False)

    op.create_table(
        "held_form",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_held_form_user_id_user_account")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_held_form")),
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
        "population_file",
        sa.Column("owner_code", sa.String(length=14), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["owner_code"], ["area.code"], name=op.f("fk_population_file_owner_code_area")),
        sa.PrimaryKeyConstraint("owner_code", name=op.f("pk_population_file")),
    )
    op.create_table(
        "population_row",
        sa.Column("owner_code", sa.String(length=14), nullable=False),
        sa.Column("area_code", sa.String(length=14), nullable=False),
        sa.Column("inhabitants", sa.Integer(), nullable=True),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.CheckConstraint("inhabitants >= 0 AND households >= 0", name=op.f("ck_population_row_not_negative")),
        sa.CheckConstraint(
            "inhabitants IS NOT NULL OR households IS NOT NULL", name=op.f("ck_population_row_says_something")
        ),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_population_row_area_code_area")),
        sa.ForeignKeyConstraint(
            ["owner_code"], ["population_file.owner_code"], name=op.f("fk_population_row_owner_code_population_file")
        ),
        sa.PrimaryKeyConstraint("owner_code", "area_code", name=op.f("pk_population_row")),
    )
    op.create_table(
        "waiting_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("form_key", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["form_key"], ["waiting_form.key"], name=op.f("fk_waiting_link_form_key_waiting_form")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_waiting_link")),
    )
    with op.batch_alter_table("waiting_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waiting_link_form_key"), ["form_key"], unique=False)

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
        "moderation_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("area_code", sa.String(length=14), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "wacht",
                "bezwaar",
                "gevraagd",
                "verborgen",
                "klaar",
                name="casestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("has_changed", sa.Boolean(), nullable=False),
        sa.Column("rulings", sa.Integer(), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "laten", "vraag", "verberg", "tonen", name="act", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("explained", sa.String(length=1000), nullable=False),
        sa.Column("ruled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_moderation_case_area_code_area")),
        sa.ForeignKeyConstraint(
            ["ruled_by_id"], ["user_account.id"], name=op.f("fk_moderation_case_ruled_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_case")),
        sa.UniqueConstraint("kind", "number", name=op.f("uq_moderation_case_kind_number")),
    )
    with op.batch_alter_table("moderation_case", schema=None) as batch_op:
        batch_op.create_index(
            "ix_moderation_case_area_code", ["area_code", "kind", "state", "since", "number"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_moderation_case_ruled_by_id"), ["ruled_by_id"], unique=False)
        batch_op.create_index("ix_moderation_case_state_since", ["state", "since", "id"], unique=False)

    op.create_table(
        "moderation_judge",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["moderation_case.id"], name=op.f("fk_moderation_judge_case_id_moderation_case")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_moderation_judge_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("case_id", "user_id", name=op.f("pk_moderation_judge")),
    )
    with op.batch_alter_table("moderation_judge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moderation_judge_user_id"), ["user_id"], unique=False)

    op.create_table(
        "moderation_appeal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("maker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "laten", "vraag", "verberg", "tonen", name="act", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("answer", sa.String(length=1000), nullable=False),
        sa.Column("judged_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["moderation_case.id"], name=op.f("fk_moderation_appeal_case_id_moderation_case")
        ),
        sa.ForeignKeyConstraint(
            ["judged_by_id"], ["user_account.id"], name=op.f("fk_moderation_appeal_judged_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["user_account.id"], name=op.f("fk_moderation_appeal_maker_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_appeal")),
        sa.UniqueConstraint("case_id", "hidden_at", name=op.f("uq_moderation_appeal_case_id_hidden_at")),
    )
    with op.batch_alter_table("moderation_appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moderation_appeal_judged_by_id"), ["judged_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_moderation_appeal_maker_id"), ["maker_id"], unique=False)

    op.create_table(
        "moderation_report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("network", sa.LargeBinary(length=32), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "gegevens",
                "schelden",
                "haat",
                "nep",
                "reclame",
                "anders",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("is_mailed", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["moderation_case.id"], name=op.f("fk_moderation_report_case_id_moderation_case")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_moderation_report_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_report")),
    )
    with op.batch_alter_table("moderation_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moderation_report_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_moderation_report_settled_at", ["settled_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_moderation_report_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_moderation_report_user_id",
            ["case_id", "user_id"],
            unique=True,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )

    op.create_table(
        "moderation_handed_on",
        sa.Column("appeal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["moderation_appeal.id"], name=op.f("fk_moderation_handed_on_appeal_id_moderation_appeal")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_moderation_handed_on_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("appeal_id", "user_id", name=op.f("pk_moderation_handed_on")),
    )
    with op.batch_alter_table("moderation_handed_on", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moderation_handed_on_user_id"), ["user_id"], unique=False)
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
        sa.Column("archive", sa.String(length=64), nullable=False),
        sa.Column("support_needed", sa.Integer(), nullable=True),
        sa.Column("support_secret", sa.Boolean(), nullable=False),
        sa.Column(
            "read_first",
            sa.Enum("niets", "eerste", "alles", name="readfirst", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("criteria", sa.String(length=200), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("envelopes", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user_account.id"], name=op.f("fk_round_created_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(["owner_code"], ["area.code"], name=op.f("fk_round_owner_code_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("slug", name=op.f("uq_round_slug")),
    )
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_owner_code"), ["owner_code"], unique=False)
        batch_op.create_index("ix_round_published_at", ["published_at"], unique=False)

    op.create_table(
        "user_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device", sa.String(length=60), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_session_user_id_user_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_session")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_session_user_id"), ["user_id"], unique=False)

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
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
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
    with op.batch_alter_table("akkoord_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_akkoord_point_group_id"), ["group_id"], unique=False)

    op.create_table(
        "ballot_box",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("locator", sa.LargeBinary(length=32), nullable=False),
        sa.Column("rev", sa.LargeBinary(length=2), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_ct", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_ballot_box_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "locator", name=op.f("pk_ballot_box")),
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
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_booth_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_booth")),
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
        "box_pulse",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["dual_request.id"], name=op.f("fk_box_pulse_request_id_dual_request")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_box_pulse_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_box_pulse")),
    )
    op.create_table(
        "code_pool",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.Column("reserve", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_code_pool_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_code_pool")),
    )
    op.create_table(
        "told_work",
        sa.Column(
            "kind",
            sa.Enum(
                "restore",
                "open",
                "close",
                "unseal",
                "count",
                "bundle",
                "faulty",
                "certify",
                "check",
                "appoint",
                "appeals",
                "reports",
                "read",
                "codes",
                "publish",
                "code_lists",
                "destroy",
                "jobs",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_told_work")),
    )
    op.create_table(
        "notice",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ballot",
                "outcome",
                "unjudged",
                "not_held",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_plan", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_notice_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "kind", "moment", name=op.f("pk_notice")),
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
        "pool_code",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_pool_code_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "sealed", name=op.f("pk_pool_code")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pool_draw",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.LargeBinary(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_pool_draw_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "account", name=op.f("pk_pool_draw")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "registered_code",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("letter", "spare", "pool", name="codekind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
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
    with op.batch_alter_table("round_area", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_area_area_code"), ["area_code"], unique=False)

    op.create_table(
        "superseded_ballot",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_superseded_ballot_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "fingerprint", name=op.f("pk_superseded_ballot")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tally",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("envelopes", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("closing", sa.String(length=64), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("valid_ballots", sa.Integer(), nullable=False),
        sa.Column("is_small", sa.Boolean(), nullable=False),
        sa.Column("spent_cents", sa.BigInteger(), nullable=False),
        sa.Column("left_cents", sa.BigInteger(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("trace_hash", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bundle", sa.String(length=64), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("loss_reason", sa.String(length=300), nullable=False),
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
    with op.batch_alter_table("akkoord_figure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_akkoord_figure_point_id"), ["point_id"], unique=False)

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
    with op.batch_alter_table("akkoord_status_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_akkoord_status_change_point_id"), ["point_id"], unique=False)

    op.create_table(
        "code_void",
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("spare", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["dual_request.id"], name=op.f("fk_code_void_request_id_dual_request")),
        sa.ForeignKeyConstraint(
            ["round_id", "commitment"],
            ["registered_code.round_id", "registered_code.commitment"],
            name="fk_code_void_registered_code",
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_code_void_round_id_round")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_code_void")),
    )
    with op.batch_alter_table("code_void", schema=None) as batch_op:
        batch_op.create_index("ix_code_void_commitment", ["round_id", "commitment"], unique=False)
        batch_op.create_index("ix_code_void_spare", ["round_id", "spare"], unique=False)

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
        sa.Column("language", sa.String(length=8), nullable=False),
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
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "hidden_because",
            sa.Enum(
                "gegevens",
                "schelden",
                "haat",
                "nep",
                "reclame",
                "anders",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("hides_title", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("status <> 'admitted' OR cost_cents > 0", name=op.f("ck_proposal_admitted_has_cost")),
        sa.CheckConstraint("status = 'concept' OR number > 0", name=op.f("ck_proposal_submitted_has_number")),
        sa.CheckConstraint("cost_cents >= 0", name=op.f("ck_proposal_cost_not_negative")),
        sa.CheckConstraint("estimate_cents >= 0", name=op.f("ck_proposal_estimate_not_negative")),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_proposal_author_id_user_account")),
        sa.ForeignKeyConstraint(["buurt_code"], ["area.code"], name=op.f("fk_proposal_buurt_code_area")),
        sa.ForeignKeyConstraint(
            ["round_id", "buurt_code"],
            ["round_area.round_id", "round_area.area_code"],
            name=op.f("fk_proposal_round_id_buurt_code_round_area"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_proposal_round_id_round")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_proposal_theme_id_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_buurt_code"), ["buurt_code"], unique=False)
        batch_op.create_index("ix_proposal_round_id_status", ["round_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_theme_id"), ["theme_id"], unique=False)
        batch_op.create_index(
            "uq_proposal_round_id_number",
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
    with op.batch_alter_table("round_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_point_point_id"), ["point_id"], unique=False)

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
        "proposal_revision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("changed", sa.String(length=200), nullable=False),
        sa.Column("estimate_cents", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author_name", sa.String(length=80), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withheld_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_proposal_revision_author_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_revision_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_revision")),
        sa.UniqueConstraint("proposal_id", "number", name=op.f("uq_proposal_revision_proposal_id_number")),
    )
    with op.batch_alter_table("proposal_revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_revision_author_id"), ["author_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("admitted", sa.Boolean(), nullable=False),
        sa.Column("cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user_account.id"], name=op.f("fk_decision_decided_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_decision_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "plan_result",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=30), nullable=False),
        sa.Column("awarded_cents", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("probe", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_plan_result_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_plan_result_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "proposal_id", name=op.f("pk_plan_result")),
    )
    with op.batch_alter_table("plan_result", schema=None) as batch_op:
        batch_op.create_index("ix_plan_result_proposal_id", ["proposal_id"], unique=False)

    op.create_table(
        "plan_list",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_plan_list_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_plan_list")),
    )

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
    with op.batch_alter_table("proposal_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_point_point_id"), ["point_id"], unique=False)

    op.create_table(
        "support",
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_support_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_support_user_id_user_account")),
        sa.PrimaryKeyConstraint("proposal_id", "user_id", name=op.f("pk_support")),
    )
    with op.batch_alter_table("support", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_support_user_id"), ["user_id"], unique=False)

    op.create_table(
        "thread",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("in_favour", sa.Integer(), nullable=False),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("open_questions", sa.Integer(), nullable=False),
        sa.Column("ideas", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("quoted", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_thread_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_thread_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_thread_proposal_id")),
    )
    with op.batch_alter_table("thread", schema=None) as batch_op:
        batch_op.create_index("ix_thread_asked_at", ["asked_at"], unique=False)
        batch_op.create_index(
            "uq_thread_round_id",
            ["round_id"],
            unique=True,
            sqlite_where=sa.text("proposal_id IS NULL"),
            postgresql_where=sa.text("proposal_id IS NULL"),
        )

    op.create_table(
        "contribution",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "stance",
            sa.Enum(
                "voor",
                "tegen",
                "vraag",
                "idee",
                "antwoord",
                name="stance",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "voice",
            sa.Enum(
                "bewoner",
                "maker",
                "coordinator",
                "staff",
                "administrator",
                name="voice",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author_name", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("taken_words", sa.String(length=300), nullable=False),
        sa.Column("taken_in", sa.Integer(), nullable=True),
        sa.Column("useful", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column(
            "is_readable",
            sa.Boolean(),
            sa.Computed("shown_at IS NOT NULL AND deleted_at IS NULL AND hidden_at IS NULL", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "is_open",
            sa.Boolean(),
            sa.Computed(
                "stance = 'vraag' AND answered_at IS NULL AND shown_at IS NOT NULL AND deleted_at IS NULL AND hidden_at IS NULL",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "hidden_because",
            sa.Enum(
                "gegevens",
                "schelden",
                "haat",
                "nep",
                "reclame",
                "anders",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("hides_title", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(stance = 'antwoord') = (parent_id IS NOT NULL)", name=op.f("ck_contribution_answer_has_parent")
        ),
        sa.CheckConstraint(
            "answered_at IS NULL OR stance = 'vraag'", name=op.f("ck_contribution_only_questions_are_answered")
        ),
        sa.CheckConstraint("answer_id IS NULL OR answered_at IS NOT NULL", name=op.f("ck_contribution_answer_settles")),
        sa.CheckConstraint("useful >= 0 AND answers >= 0", name=op.f("ck_contribution_counted")),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["contribution.id"], name=op.f("fk_contribution_answer_id_contribution")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_contribution_author_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["contribution.id"], name=op.f("fk_contribution_parent_id_contribution")
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_contribution_thread_id_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution")),
    )
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contribution_author_id"), ["author_id"], unique=False)
        batch_op.create_index(
            "ix_contribution_parent_id",
            ["parent_id", "id"],
            unique=False,
            sqlite_where=sa.text("parent_id IS NOT NULL"),
            postgresql_where=sa.text("parent_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_contribution_thread_id",
            ["thread_id", "id"],
            unique=False,
            sqlite_where=sa.text("parent_id IS NULL"),
            postgresql_where=sa.text("parent_id IS NULL"),
        )
        batch_op.create_index(
            "ix_contribution_thread_id_is_open",
            ["thread_id", "is_open", "id"],
            unique=False,
            sqlite_where=sa.text("parent_id IS NULL"),
            postgresql_where=sa.text("parent_id IS NULL"),
        )
        batch_op.create_index("ix_contribution_thread_id_stance", ["thread_id", "stance", "useful", "id"], unique=False)
        batch_op.create_index(
            "ix_contribution_thread_id_useful",
            ["thread_id", "useful", "id"],
            unique=False,
            sqlite_where=sa.text("parent_id IS NULL"),
            postgresql_where=sa.text("parent_id IS NULL"),
        )
        batch_op.create_index(
            "ix_contribution_waiting",
            ["thread_id", "id"],
            unique=False,
            sqlite_where=sa.text("shown_at IS NULL AND deleted_at IS NULL AND hidden_at IS NULL"),
            postgresql_where=sa.text("shown_at IS NULL AND deleted_at IS NULL AND hidden_at IS NULL"),
        )

    op.create_table(
        "earlier_text",
        sa.Column("contribution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withheld_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_earlier_text_contribution_id_contribution")
        ),
        sa.PrimaryKeyConstraint("contribution_id", "number", name=op.f("pk_earlier_text")),
    )
    op.create_table(
        "useful",
        sa.Column("contribution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_useful_contribution_id_contribution")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_useful_user_id_user_account")),
        sa.PrimaryKeyConstraint("contribution_id", "user_id", name=op.f("pk_useful")),
    )
    with op.batch_alter_table("useful", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_useful_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("useful", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_useful_user_id"))

    op.drop_table("useful")
    op.drop_table("earlier_text")
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_contribution_waiting",
            sqlite_where=sa.text("shown_at IS NULL AND deleted_at IS NULL AND hidden_at IS NULL"),
            postgresql_where=sa.text("shown_at IS NULL AND deleted_at IS NULL AND hidden_at IS NULL"),
        )
        batch_op.drop_index("ix_contribution_thread_id_useful")
        batch_op.drop_index("ix_contribution_thread_id_stance")
        batch_op.drop_index("ix_contribution_thread_id_is_open")
        batch_op.drop_index("ix_contribution_thread_id")
        batch_op.drop_index("ix_contribution_parent_id")
        batch_op.drop_index(batch_op.f("ix_contribution_author_id"))

    op.drop_table("contribution")
    with op.batch_alter_table("thread", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_thread_round_id",
            sqlite_where=sa.text("proposal_id IS NULL"),
            postgresql_where=sa.text("proposal_id IS NULL"),
        )
        batch_op.drop_index("ix_thread_asked_at")

    op.drop_table("thread")

    with op.batch_alter_table("support", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_support_user_id"))

    op.drop_table("support")
    with op.batch_alter_table("proposal_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_point_point_id"))

    op.drop_table("proposal_point")
    op.drop_table("plan_list")
    with op.batch_alter_table("plan_result", schema=None) as batch_op:
        batch_op.drop_index("ix_plan_result_proposal_id")

    op.drop_table("plan_result")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_proposal_id"))

    op.drop_table("decision")
    with op.batch_alter_table("proposal_revision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_revision_author_id"))

    op.drop_table("proposal_revision")
    op.drop_table("cost_line")
    with op.batch_alter_table("round_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_point_point_id"))

    op.drop_table("round_point")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_proposal_round_id_number", sqlite_where=sa.text("number > 0"), postgresql_where=sa.text("number > 0")
        )
        batch_op.drop_index(batch_op.f("ix_proposal_theme_id"))
        batch_op.drop_index("ix_proposal_round_id_status")
        batch_op.drop_index(batch_op.f("ix_proposal_buurt_code"))
        batch_op.drop_index(batch_op.f("ix_proposal_author_id"))

    op.drop_table("proposal")
    op.drop_table("pot")
    with op.batch_alter_table("code_void", schema=None) as batch_op:
        batch_op.drop_index("ix_code_void_spare")
        batch_op.drop_index("ix_code_void_commitment")

    op.drop_table("code_void")
    with op.batch_alter_table("akkoord_status_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_akkoord_status_change_point_id"))

    op.drop_table("akkoord_status_change")
    with op.batch_alter_table("akkoord_figure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_akkoord_figure_point_id"))

    op.drop_table("akkoord_figure")
    op.drop_table("theme")
    op.drop_table("tally")
    op.drop_table("superseded_ballot")
    with op.batch_alter_table("round_area", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_area_area_code"))

    op.drop_table("round_area")
    op.drop_table("registered_code")
    op.drop_table("pool_draw")
    op.drop_table("pool_code")
    op.drop_table("phase_window")
    op.drop_table("opened_ballot")
    op.drop_table("nullifier")
    op.drop_table("notice")
    op.drop_table("told_work")
    op.drop_table("code_pool")
    op.drop_table("box_pulse")
    op.drop_table("code_batch")
    op.drop_table("booth")
    op.drop_table("ballot_box")
    with op.batch_alter_table("akkoord_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_akkoord_point_group_id"))

    op.drop_table("akkoord_point")
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_session_user_id"))

    op.drop_table("user_session")
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_index("ix_round_published_at")
        batch_op.drop_index(batch_op.f("ix_round_owner_code"))

    op.drop_table("round")
    with op.batch_alter_table("moderation_handed_on", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_moderation_handed_on_user_id"))

    op.drop_table("moderation_handed_on")
    with op.batch_alter_table("moderation_report", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_moderation_report_user_id",
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_moderation_report_user_id"))
        batch_op.drop_index("ix_moderation_report_settled_at")
        batch_op.drop_index(batch_op.f("ix_moderation_report_case_id"))

    op.drop_table("moderation_report")
    with op.batch_alter_table("moderation_appeal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_moderation_appeal_maker_id"))
        batch_op.drop_index(batch_op.f("ix_moderation_appeal_judged_by_id"))

    op.drop_table("moderation_appeal")
    with op.batch_alter_table("moderation_judge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_moderation_judge_user_id"))

    op.drop_table("moderation_judge")
    with op.batch_alter_table("moderation_case", schema=None) as batch_op:
        batch_op.drop_index("ix_moderation_case_state_since")
        batch_op.drop_index(batch_op.f("ix_moderation_case_ruled_by_id"))
        batch_op.drop_index("ix_moderation_case_area_code")

    op.drop_table("moderation_case")
    op.drop_table("role_grant")
    with op.batch_alter_table("waiting_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waiting_link_form_key"))

    op.drop_table("waiting_link")
    op.drop_table("population_row")
    op.drop_table("population_file")
    op.drop_table("postcode")
    op.drop_table("held_form")
    with op.batch_alter_table("export", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_export_user_id"))
        batch_op.drop_index("ix_export_asked_at")

    op.drop_table("export")
    with op.batch_alter_table("dual_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_dual_request_act_object_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_dual_request_requested_by_id"))
        batch_op.drop_index("ix_dual_request_object")
        batch_op.drop_index(batch_op.f("ix_dual_request_ended_by_id"))

    op.drop_table("dual_request")
    op.drop_table("audit_point")
    op.drop_table("audit_withheld")
    op.drop_table("audit_payload")
    op.drop_table("audit_cosignature")
    op.drop_table("akkoord_milestone")
    op.drop_table("akkoord_group")
    with op.batch_alter_table("waiting_form", schema=None) as batch_op:
        batch_op.drop_index("ix_waiting_form_expires_at")
        batch_op.drop_index("ix_waiting_form_email")

    op.drop_table("waiting_form")
    op.drop_table("user_account")
    with op.batch_alter_table("sign_in_link", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_link_expires_at")

    op.drop_table("sign_in_link")
    with op.batch_alter_table("sent_form", schema=None) as batch_op:
        batch_op.drop_index("ix_sent_form_expires_at")

    op.drop_table("sent_form")
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_mail_next_try_at")

    op.drop_table("outbox_mail")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_state_due_at")

    op.drop_table("job")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_object")
        batch_op.drop_index("ix_audit_entry_action")

    op.drop_table("audit_entry")
    op.drop_table("audit_checkpoint")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_attempt_key_at")
        batch_op.drop_index("ix_attempt_at")

    op.drop_table("attempt")
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.drop_index("ix_area_level_name")
        batch_op.drop_index("ix_area_gebied_code")
        batch_op.drop_index("ix_area_district_code")
        batch_op.drop_index("ix_area_changed_at")

    op.drop_table("area")
    op.drop_table("akkoord_edition")
