using Npgsql;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Server.Postgres;

/// <summary>What both the writer and the readers ask.</summary>
internal static class PostgresQueries
{
    public const string SelectSent = "SELECT c.id, s.seq, s.pos, s.created_at, s.hash, s.sender, s.client_id FROM sent s JOIN conversation c ON c.key = s.conversation";

    public const string SelectAccount = $"SELECT {PostgresRows.AccountColumns} FROM account a WHERE";

    public const string SelectFlag = """
        SELECT f.id, f.reporter, r.id, f.reported, u.id, f.conversation, c.id, f.seq, f.reason, f.text, f.context, f.created_at, f.decision, f.decided_at
        FROM flag f JOIN account r ON r.key = f.reporter JOIN account u ON u.key = f.reported LEFT JOIN conversation c ON c.key = f.conversation WHERE
        """;

    public static SentRecord Sent(NpgsqlDataReader row) => new(row.Text(0), row.Long(1), row.Long(2), new Timestamp(row.Long(3)), row.Blob(4));

    public static Relation Relation(NpgsqlDataReader row, int at) => new(row.LongOrNull(at), row.LongOrNull(at + 1)) { MutedUntil = row.LongOrNull(at + 2) };

    public static Standing Standing(NpgsqlDataReader row, int at) =>
        row.Long(at) == 0 && row.IsDBNull(at + 1) ? Core.Accounts.Standing.Good : new Standing(Privacy.FromHidden(row.Long(at)), !row.IsDBNull(at + 1));

    public static StoredFlag Flag(NpgsqlDataReader row) => new(row.Long(0), new AccountKey(row.Long(1)), row.Text(2), new AccountKey(row.Long(3)), row.Text(4),
        row.LongOrNull(5) is { } key ? new ConversationKey(key) : null, row.TextOrNull(6), row.Long(7), (FlagReason)row.Long(8), row.Text(9), row.Text(10),
        new Timestamp(row.Long(11)), (FlagAction?)row.LongOrNull(12), PostgresRows.MomentOf(row, 13));
}
