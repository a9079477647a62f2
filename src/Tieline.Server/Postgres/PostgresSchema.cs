using System.Globalization;
using Npgsql;
using Tieline.Server.Attachments;

namespace Tieline.Server.Postgres;

/// <summary>
/// The tables, as numbered steps that only go forward. A released step is never changed; a new one is added at the end. Old and new nodes work together while
/// nodes are replaced one by one, so every change has two steps: one release adds (a table, a column that may be empty, an index), and code of before does not
/// notice; what nothing uses any more is taken away by a later one, which raises <see cref="Needs"/>.
/// </summary>
internal static partial class PostgresSchema
{
    /// <summary>Names, while it lasts, from where the database is being filled.</summary>
    public const string Filling = "filling from";

    /// <summary>Held while the schema changes, so that of several nodes that start at once one does it. "tieline" as a number.</summary>
    private const long Lock = 0x7469656c696e65;

    /// <summary>The oldest version whose code works on the tables as the last step leaves them.</summary>
    private const int Needs = 1;

    /// <summary>How long a step waits for its turn among nodes at work.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private static readonly List<string> _steps = WithNext(
    [
        """
        CREATE SEQUENCE account_key;
        CREATE SEQUENCE conversation_key;

        -- Texts are compared byte by byte, as everywhere else in Tieline.
        CREATE TABLE account(
            key bigint PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE, email text COLLATE "C" UNIQUE, name text COLLATE "C" NOT NULL, username text,
            username_key text COLLATE "C" UNIQUE, avatar text, account_type text, password_hash text, hidden bigint NOT NULL DEFAULT 0, suspended_at bigint,
            created_at bigint NOT NULL);

        -- The newest position of each log, and the lock of everything that is decided about an account. Narrow, with room for the next
        -- version of a row on its own page: it changes with every message.
        CREATE TABLE head(
            account bigint PRIMARY KEY, pos bigint NOT NULL DEFAULT 0, received_pos bigint NOT NULL DEFAULT 0, pruned_pos bigint NOT NULL DEFAULT 0)
            WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

        -- With the newest seq, and the lock of everything that is decided about a conversation. The columns from name on belong to groups.
        CREATE TABLE conversation(
            key bigint PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE, kind bigint NOT NULL, low bigint, high bigint, created_at bigint NOT NULL,
            head_seq bigint NOT NULL DEFAULT 0, disappear_s bigint NOT NULL DEFAULT 0,
            name text, avatar text, history bigint, announcements bigint, members bigint, link_code text COLLATE "C", link_expires_at bigint)
            WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
        CREATE UNIQUE INDEX conversation_pair ON conversation(low, high) WHERE kind = 0;
        CREATE UNIQUE INDEX conversation_link ON conversation(link_code) WHERE link_code IS NOT NULL;

        CREATE TABLE member(
            conversation bigint, account bigint, activity bigint NOT NULL, unread bigint NOT NULL,
            delivered_seq bigint NOT NULL, read_seq bigint NOT NULL, hidden_seq bigint NOT NULL, shown_delivered_seq bigint NOT NULL, shown_read_seq bigint NOT NULL,
            role bigint NOT NULL, joined_at bigint NOT NULL, joined_seq bigint NOT NULL, left_seq bigint, own bigint NOT NULL, muted_until bigint,
            left_name text, left_avatar text, left_members bigint, request bigint NOT NULL,
            -- In groups: where the newest message stood in the member's log when its event was pruned.
            group_activity bigint NOT NULL DEFAULT 0,
            PRIMARY KEY(conversation, account)) WITH (fillfactor = 80);
        CREATE INDEX member_activity ON member(account, activity) WHERE activity > 0;
        CREATE INDEX member_group ON member(account) WHERE joined_seq > 0;
        CREATE INDEX member_unread ON member(account) WHERE unread > 0;

        -- By quarters, so that what is too old is dropped and not deleted. seq is unique in a conversation because it is taken under the
        -- conversation's lock; the key must name the moment for a table in parts.
        CREATE TABLE message(
            conversation bigint, seq bigint, sender bigint NOT NULL, client_id text NOT NULL, created_at bigint NOT NULL,
            text text NOT NULL, card text, reply_to text, attachments text, edited_at bigint, deleted_at bigint, notice text, quote text, mentions text,
            forwarded bigint, expires_at bigint, pinned_at bigint, reactions text, gone bigint,
            PRIMARY KEY(conversation, seq, created_at)) PARTITION BY RANGE(created_at);
        CREATE TABLE message_other PARTITION OF message DEFAULT;
        CREATE INDEX message_pinned ON message(conversation) WHERE pinned_at IS NOT NULL;
        CREATE INDEX message_expiry ON message(expires_at) WHERE expires_at IS NOT NULL AND gone IS NULL;

        -- One row for each send ever stored, apart from the messages: it outlives them, and is unique whenever it was.
        CREATE TABLE sent(
            client_id text COLLATE "C", sender bigint, conversation bigint NOT NULL, seq bigint NOT NULL, pos bigint NOT NULL, created_at bigint NOT NULL,
            hash bytea NOT NULL, PRIMARY KEY(client_id, sender)) PARTITION BY HASH(sender);
        CREATE TABLE sent_0 PARTITION OF sent FOR VALUES WITH (MODULUS 8, REMAINDER 0);
        CREATE TABLE sent_1 PARTITION OF sent FOR VALUES WITH (MODULUS 8, REMAINDER 1);
        CREATE TABLE sent_2 PARTITION OF sent FOR VALUES WITH (MODULUS 8, REMAINDER 2);
        CREATE TABLE sent_3 PARTITION OF sent FOR VALUES WITH (MODULUS 8, REMAINDER 3);
        CREATE TABLE sent_4 PARTITION OF sent FOR VALUES WITH (MODULUS 8, REMAINDER 4);
        CREATE TABLE sent_5 PARTITION OF sent FOR VALUES WITH (MODULUS 8, REMAINDER 5);
        CREATE TABLE sent_6 PARTITION OF sent FOR VALUES WITH (MODULUS 8, REMAINDER 6);
        CREATE TABLE sent_7 PARTITION OF sent FOR VALUES WITH (MODULUS 8, REMAINDER 7);

        -- The log of each account, dense by pos, the share in the events of groups among it. A message names its sender as actor.
        CREATE TABLE event(
            account bigint, pos bigint, at bigint NOT NULL, kind bigint NOT NULL, conversation bigint, seq bigint NOT NULL, actor bigint, in_group bigint NOT NULL,
            PRIMARY KEY(account, pos));
        CREATE INDEX event_group ON event(account, conversation, pos) WHERE kind = 1 AND in_group = 1;

        CREATE TABLE relation(account bigint, other bigint, blocked_at bigint, muted_at bigint, muted_until bigint, PRIMARY KEY(account, other));

        -- What an edit replaced, for moderators.
        CREATE TABLE message_edit(conversation bigint NOT NULL, seq bigint NOT NULL, at bigint NOT NULL, text text NOT NULL);
        CREATE INDEX message_edit_message ON message_edit(conversation, seq);
        CREATE TABLE reaction(
            conversation bigint, seq bigint, account bigint, emoji text NOT NULL, at bigint NOT NULL, PRIMARY KEY(conversation, seq, account));
        -- Deleted for one account only.
        CREATE TABLE hidden(conversation bigint, seq bigint, account bigint, PRIMARY KEY(conversation, seq, account));
        CREATE TABLE star(account bigint, conversation bigint, seq bigint, at bigint NOT NULL, PRIMARY KEY(account, conversation, seq));
        CREATE INDEX star_at ON star(account, at, conversation, seq);
        CREATE TABLE draft(account bigint, conversation bigint, text text NOT NULL, reply_to text, PRIMARY KEY(account, conversation));

        CREATE TABLE attachment(
            id text COLLATE "C" PRIMARY KEY, owner bigint NOT NULL, name text NOT NULL, type text NOT NULL, size bigint NOT NULL, upload_length bigint NOT NULL,
            width bigint, height bigint, blur text, has_thumb bigint NOT NULL, unused_since bigint, doomed bigint NOT NULL DEFAULT 0);
        CREATE INDEX attachment_unused ON attachment(unused_since) WHERE unused_since IS NOT NULL;
        CREATE TABLE attachment_use(attachment text COLLATE "C", conversation bigint, seq bigint, PRIMARY KEY(attachment, conversation, seq));
        CREATE INDEX attachment_use_message ON attachment_use(conversation, seq);

        -- Apart from the account's row, which is long and would be rewritten at each coming and going.
        CREATE TABLE seen(account bigint PRIMARY KEY, at bigint NOT NULL) WITH (fillfactor = 70);

        CREATE TABLE flag(
            id bigint PRIMARY KEY, reporter bigint NOT NULL, reported bigint NOT NULL, conversation bigint, seq bigint NOT NULL, reason bigint NOT NULL,
            text text NOT NULL, context text NOT NULL, created_at bigint NOT NULL, decision bigint, decided_at bigint);
        CREATE INDEX flag_open ON flag(id) WHERE decision IS NULL;
        CREATE INDEX flag_decided ON flag(id) WHERE decision IS NOT NULL;
        CREATE INDEX flag_reporter ON flag(reporter, reported) WHERE decision IS NULL;

        -- What can be searched: the terms that Core's splitter makes of a text, each under the scopes of those who may see it.
        CREATE TABLE search(
            conversation bigint, seq bigint, id bigint GENERATED BY DEFAULT AS IDENTITY, created_at bigint NOT NULL, terms tsvector NOT NULL,
            PRIMARY KEY(conversation, seq));
        CREATE INDEX search_terms ON search USING gin(terms);
        """,
    ]);

    public static int Version => _steps.Count;

    /// <summary>Brings a database to the version of this build, under the feet of the nodes that work on it.</summary>
    /// <param name="filling">True for whoever fills it with what was elsewhere.</param>
    /// <param name="later">A step to come.</param>
    /// <returns>The epoch of the database.</returns>
    /// <exception cref="NewerDatabaseException">It was made by a newer version, and cannot be used by this one.</exception>
    public static string Migrate(NpgsqlConnection connection, string newEpoch, bool filling = false, string? later = null)
    {
        string[] steps = later is null ? [.. _steps] : [.. _steps, later];
        for (var began = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                return MigrateOnce(connection, newEpoch, filling, steps);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable && TimeProvider.System.GetElapsedTime(began) < _patience)
            {
                // A node was at work on the same tables. It goes first; a step is short, and there is a gap between any two of its transactions.
                Thread.Sleep(Random.Shared.Next(20, 200));
            }
        }
    }

    /// <summary>The key of the addresses of files. All nodes have one, or what one of them gave would be refused by the next; whoever comes first makes it.</summary>
    public static byte[] FilesKey(NpgsqlConnection connection)
    {
        using (var insert = new NpgsqlCommand("INSERT INTO meta(name, value) VALUES('files_key', $1) ON CONFLICT DO NOTHING", connection))
        {
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Convert.ToBase64String(AttachmentLinks.NewKey()) });
            insert.ExecuteNonQuery();
        }

        return Convert.FromBase64String(Ask(connection, "SELECT value FROM meta WHERE name = 'files_key'")!);
    }

    private static List<string> WithNext(List<string> steps)
    {
        AddNext(steps);
        return steps;
    }

    /// <summary>Nothing but in the build that the test of an upgrade makes, as a release to come.</summary>
    static partial void AddNext(List<string> steps);

    private static string MigrateOnce(NpgsqlConnection connection, string newEpoch, bool filling, string[] steps)
    {
        var version = steps.Length;
        using var transaction = connection.BeginTransaction();
        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({Lock})"));
        if (Ask(connection, "SHOW server_encoding") is not "UTF8" and var encoding) throw new UnfitDatabaseException($"The database has the encoding {encoding}; it must be UTF8.");
        Execute(connection, "CREATE TABLE IF NOT EXISTS meta(name text PRIMARY KEY, value text NOT NULL)");
        var found = int.Parse(Ask(connection, "SELECT value FROM meta WHERE name = 'schema'") ?? "0", CultureInfo.InvariantCulture);
        if (found > version && int.Parse(Ask(connection, "SELECT value FROM meta WHERE name = 'needs'") ?? $"{found}", CultureInfo.InvariantCulture) > version) throw new NewerDatabaseException(found, version);
        if (!filling && Ask(connection, $"SELECT value FROM meta WHERE name = '{Filling}'") is not null)
            throw new UnfitDatabaseException("The database is being filled by tieline migrate. Let that come to its end first.");
        // Whoever waits for a table keeps everybody else waiting behind it.
        if (found > 0 && found < version) Execute(connection, "SET LOCAL lock_timeout = '1s'");
        for (var step = found; step < version; step++) Execute(connection, steps[step]);
        if (found < version)
            Execute(connection, string.Create(CultureInfo.InvariantCulture,
                $"INSERT INTO meta(name, value) VALUES('schema', '{version}'), ('needs', '{Needs}') ON CONFLICT(name) DO UPDATE SET value = excluded.value"));
        using (var insert = new NpgsqlCommand("INSERT INTO meta(name, value) VALUES('epoch', $1) ON CONFLICT DO NOTHING", connection))
        {
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = newEpoch });
            insert.ExecuteNonQuery();
        }

        var epoch = Ask(connection, "SELECT value FROM meta WHERE name = 'epoch'")!;
        transaction.Commit();
        return epoch;
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static string? Ask(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar() as string;
    }
}

/// <summary>The database belongs to a newer version of Tieline.</summary>
public sealed class NewerDatabaseException(int found, int known) : Exception(string.Create(CultureInfo.InvariantCulture,
    $"The database has schema version {found}, this build knows {known}: it was changed by a newer version of Tieline. Start that version. Nothing was changed."));

/// <summary>The database cannot hold a chat.</summary>
public sealed class UnfitDatabaseException(string message) : Exception(message);
