using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Server.Sqlite;

internal sealed partial class SqliteFacts
{
    private const string FlagColumns = """
        f.id, f.reporter, r.id, f.user, u.id, f.conversation, c.id, f.seq, f.reason, f.text, f.context, f.created_at, f.decision, f.decided_at
        """;

    private const string FlagJoins = "flag f JOIN account r ON r.key = f.reporter JOIN account u ON u.key = f.user LEFT JOIN conversation c ON c.key = f.conversation";

    public Standing FindStanding(AccountKey account) => ReadStanding(connection, account);

    public bool ShareGroup(AccountKey one, AccountKey other) => Scalar(connection.Prepare("""
        SELECT EXISTS(SELECT 1 FROM group_stay a JOIN group_stay b ON b.account = ? AND b.conversation = a.conversation AND b.last IS NULL WHERE a.account = ? AND a.last IS NULL)
        """).Add(other.Value).Add(one.Value)) != 0;

    public long LastFlag() => Scalar(connection.Prepare("SELECT MAX(id) FROM flag"));

    public StoredFlag? FindFlag(long id)
    {
        var row = connection.Prepare($"SELECT {FlagColumns} FROM {FlagJoins} WHERE f.id = ?").Add(id);
        var flag = row.Step() ? ReadFlag(row) : null;
        row.Reset();
        return flag;
    }

    public bool HasOpenFlag(AccountKey reporter, AccountKey user, ConversationKey? conversation, long seq) => Scalar(connection.Prepare("""
        SELECT EXISTS(SELECT 1 FROM flag WHERE reporter = ? AND user = ? AND conversation IS ? AND seq = ? AND decision IS NULL)
        """).Add(reporter.Value).Add(user.Value).Add(conversation?.Value).Add(seq)) != 0;

    internal static Standing ReadStanding(SqliteConnection connection, AccountKey account)
    {
        var row = connection.Prepare("SELECT hidden, suspended_at FROM account WHERE key = ?").Add(account.Value);
        if (!row.Step()) return Standing.Good;
        var standing = row.Long(0) == 0 && row.IsNull(1) ? Standing.Good : new Standing(Privacy.FromHidden(row.Long(0)), !row.IsNull(1));
        row.Reset();
        return standing;
    }

    internal static IReadOnlyList<StoredFlag> ReadFlags(SqliteConnection connection, bool open, long after, int limit)
    {
        var rows = open
            ? connection.Prepare($"SELECT {FlagColumns} FROM {FlagJoins} WHERE f.decision IS NULL AND f.id > ? ORDER BY f.id LIMIT ?")
            : connection.Prepare($"SELECT {FlagColumns} FROM {FlagJoins} WHERE f.decision IS NOT NULL AND f.id > ? ORDER BY f.id LIMIT ?");
        rows.Add(after).Add(limit);
        var flags = new List<StoredFlag>();
        while (rows.Step()) flags.Add(ReadFlag(rows));
        rows.Reset();
        return flags;
    }

    private static StoredFlag ReadFlag(SqliteStatement row) => new(row.Long(0), new AccountKey(row.Long(1)), row.Text(2), new AccountKey(row.Long(3)), row.Text(4),
        row.LongOrNull(5) is { } key ? new ConversationKey(key) : null, row.TextOrNull(6), row.Long(7), (FlagReason)row.Long(8), row.Text(9), row.Text(10),
        new Timestamp(row.Long(11)), row.LongOrNull(12) is { } decision ? (FlagAction)decision : null, row.LongOrNull(13) is { } at ? new Timestamp(at) : null);
}
