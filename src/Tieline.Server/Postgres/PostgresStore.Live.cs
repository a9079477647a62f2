using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Presence;
using Tieline.Core.Storage;

namespace Tieline.Server.Postgres;

internal sealed partial class PostgresStore
{
    /// <summary>True between $1 and p when either has blocked the other.</summary>
    private const string BlockedByEither = """
        (EXISTS(SELECT 1 FROM relation WHERE account = $1 AND other = p.key AND blocked_at IS NOT NULL)
        OR EXISTS(SELECT 1 FROM relation WHERE account = p.key AND other = $1 AND blocked_at IS NOT NULL))
        """;

    private const string SelectSight = $"""
        SELECT p.key, p.id, p.hidden, (SELECT hidden FROM account WHERE key = $1), (SELECT at FROM seen WHERE account = p.key),
            CASE WHEN {BlockedByEither} THEN 1::bigint ELSE 0 END,
            CASE WHEN EXISTS(SELECT 1 FROM conversation c WHERE c.kind = 0 AND c.low = LEAST($1, p.key) AND c.high = GREATEST($1, p.key)
                AND NOT EXISTS(SELECT 1 FROM member WHERE account IN ($1, p.key) AND conversation = c.key AND request = 1))
            OR EXISTS(SELECT 1 FROM member mine JOIN member theirs ON theirs.conversation = mine.conversation AND theirs.account = p.key AND theirs.left_seq IS NULL
                WHERE mine.account = $1 AND mine.joined_seq > 0 AND mine.left_seq IS NULL) THEN 1::bigint ELSE 0 END
        FROM account p JOIN unnest($2) WITH ORDINALITY asked(value, place) ON
        """;

    public ValueTask<IReadOnlyList<SeenPerson>> ReadSightsAsync(AccountKey viewer, IReadOnlyList<string> of, CancellationToken cancel) =>
        ReadSightsAsync(new PostgresStatement($"{SelectSight} p.id = asked.value WHERE p.key <> $1 ORDER BY asked.place").Add(viewer.Value).Add(of.Distinct()), cancel);

    public ValueTask<IReadOnlyList<SeenPerson>> ReadSightsAsync(AccountKey viewer, IReadOnlyList<AccountKey> of, CancellationToken cancel) =>
        ReadSightsAsync(new PostgresStatement($"{SelectSight} p.key = asked.value WHERE p.key <> $1 ORDER BY asked.place").Add(viewer.Value).Add(of.Distinct().Select(key => key.Value)), cancel);

    public ValueTask<IReadOnlyList<AccountKey>?> ReadTypingAudienceAsync(AccountKey who, string conversation, CancellationToken cancel) =>
        _readers.ReadAsync<IReadOnlyList<AccountKey>?>(async reading => await ReadTypingAudienceAsync(reading, who, conversation), cancel);

    public ValueTask<Standing> ReadStandingAsync(AccountKey account, CancellationToken cancel) =>
        _readers.ReadAsync(reading => PostgresAccounts.StandingAsync(reading, account), cancel);

    public ValueTask<IReadOnlyList<StoredFlag>> ReadFlagsAsync(bool open, long after, int limit, CancellationToken cancel) =>
        _readers.AllAsync(new PostgresStatement(open
            ? $"{PostgresQueries.SelectFlag} f.decision IS NULL AND f.id > $1 ORDER BY f.id LIMIT $2"
            : $"{PostgresQueries.SelectFlag} f.decision IS NOT NULL AND f.id > $1 ORDER BY f.id LIMIT $2").Add(after).Add(limit), PostgresQueries.Flag, cancel);

    private ValueTask<IReadOnlyList<SeenPerson>> ReadSightsAsync(PostgresStatement statement, CancellationToken cancel) =>
        _readers.AllAsync(statement, row => new SeenPerson(new AccountKey(row.Long(0)), row.Text(1), new Sight(row.Long(6) != 0, row.Long(5) != 0,
            Privacy.FromHidden(row.Long(3)), Privacy.FromHidden(row.Long(2)), PostgresRows.MomentOf(row, 4))), cancel);

    private static async Task<List<AccountKey>?> ReadTypingAudienceAsync(PostgresReading reading, AccountKey who, string conversation)
    {
        var audience = new List<AccountKey>();
        var (members, self, hides) = (0, false, false);
        // Neither side of a request is told what the other does.
        await reading.EachAsync(new PostgresStatement($"""
            SELECT p.key, p.hidden, p.suspended_at, CASE WHEN {BlockedByEither} THEN 1::bigint ELSE 0 END, m.request FROM conversation c
            JOIN member m ON m.conversation = c.key AND m.left_seq IS NULL JOIN account p ON p.key = m.account WHERE c.id = $2
            """).Add(who.Value).Add(conversation), row =>
        {
            members++;
            hides |= row.Long(4) != 0;
            var (key, types) = (new AccountKey(row.Long(0)), Privacy.FromHidden(row.Long(1)).Typing);
            if (key == who) (self, hides) = (true, hides || !types || !row.IsDBNull(2));
            else if (types && row.Long(3) == 0) audience.Add(key);
        });
        if (!self) return null;
        return hides || members > Sight.MaxTypingMembers ? [] : audience;
    }
}
