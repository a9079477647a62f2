using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Presence;
using Tieline.Core.Storage;
using Tieline.Protocol;

namespace Tieline.Server.Sqlite;

internal sealed partial class SqliteStore
{
    /// <summary>True between ?1 and p when either has blocked the other.</summary>
    private const string BlockedByEither = """
        (EXISTS(SELECT 1 FROM relation WHERE account = ?1 AND other = p.key AND blocked_at IS NOT NULL)
        OR EXISTS(SELECT 1 FROM relation WHERE account = p.key AND other = ?1 AND blocked_at IS NOT NULL))
        """;

    private const string SelectSight = $"""
        SELECT p.key, p.id, p.hidden, (SELECT hidden FROM account WHERE key = ?1), (SELECT at FROM seen WHERE account = p.key), {BlockedByEither},
            EXISTS(SELECT 1 FROM conversation c WHERE c.kind = 0 AND c.low = MIN(?1, p.key) AND c.high = MAX(?1, p.key)
                AND NOT EXISTS(SELECT 1 FROM member WHERE account IN (?1, p.key) AND conversation = c.key AND request = 1))
            OR EXISTS(SELECT 1 FROM group_stay mine JOIN group_stay theirs ON theirs.account = p.key AND theirs.conversation = mine.conversation AND theirs.last IS NULL
                WHERE mine.account = ?1 AND mine.last IS NULL)
        FROM account p WHERE
        """;

    public ValueTask<IReadOnlyList<SeenPerson>> ReadSightsAsync(AccountKey viewer, IReadOnlyList<string> of, CancellationToken cancel) => ReadSightsAsync(viewer, of.Distinct(),
        static (connection, viewer, id) => connection.Prepare($"{SelectSight} p.id = ?2 AND p.key <> ?1").Add(viewer.Value).Add(id), cancel);

    public ValueTask<IReadOnlyList<SeenPerson>> ReadSightsAsync(AccountKey viewer, IReadOnlyList<AccountKey> of, CancellationToken cancel) => ReadSightsAsync(viewer, of.Distinct(),
        static (connection, viewer, key) => connection.Prepare($"{SelectSight} p.key = ?2 AND p.key <> ?1").Add(viewer.Value).Add(key.Value), cancel);

    public ValueTask<IReadOnlyList<AccountKey>?> ReadTypingAudienceAsync(AccountKey who, string conversation, CancellationToken cancel) =>
        _readers.ReadAsync<IReadOnlyList<AccountKey>?>(connection => ReadTypingAudience(connection, who, conversation), cancel);

    public ValueTask<Standing> ReadStandingAsync(AccountKey account, CancellationToken cancel) =>
        _readers.ReadAsync(connection => SqliteFacts.ReadStanding(connection, account), cancel);

    public ValueTask<IReadOnlyList<StoredFlag>> ReadFlagsAsync(bool open, long after, int limit, CancellationToken cancel) =>
        _readers.ReadAsync(connection => SqliteFacts.ReadFlags(connection, open, after, limit), cancel);

    private ValueTask<IReadOnlyList<SeenPerson>> ReadSightsAsync<T>(AccountKey viewer, IEnumerable<T> people, Func<SqliteConnection, AccountKey, T, SqliteStatement> ask, CancellationToken cancel) =>
        _readers.ReadAsync<IReadOnlyList<SeenPerson>>(connection =>
        {
            var sights = new List<SeenPerson>();
            foreach (var person in people)
            {
                var row = ask(connection, viewer, person);
                if (row.Step())
                    sights.Add(new SeenPerson(new AccountKey(row.Long(0)), row.Text(1), new Sight(row.Long(6) != 0, row.Long(5) != 0,
                        Privacy.FromHidden(row.Long(3)), Privacy.FromHidden(row.Long(2)), row.LongOrNull(4) is { } at ? new Timestamp(at) : null)));
                row.Reset();
            }

            return sights;
        }, cancel);

    private static List<AccountKey>? ReadTypingAudience(SqliteConnection connection, AccountKey who, string conversation)
    {
        var audience = new List<AccountKey>();
        var (members, self, hides) = (0, false, false);
        // Neither side of a request is told what the other does.
        var rows = connection.Prepare($"""
            SELECT p.key, p.hidden, p.suspended_at, {BlockedByEither}, m.request FROM conversation c
            JOIN member m ON m.conversation = c.key AND m.left_seq IS NULL JOIN account p ON p.key = m.account WHERE c.id = ?2
            """).Add(who.Value).Add(conversation);
        while (rows.Step())
        {
            members++;
            hides |= rows.Long(4) != 0;
            var (key, types) = (new AccountKey(rows.Long(0)), Privacy.FromHidden(rows.Long(1)).Typing);
            if (key == who) (self, hides) = (true, hides || !types || !rows.IsNull(2));
            else if (types && rows.Long(3) == 0) audience.Add(key);
        }

        rows.Reset();
        if (!self) return null;
        return hides || members > Sight.MaxTypingMembers ? [] : audience;
    }
}
