using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

internal sealed partial class SqliteStore
{
    public ValueTask<MembersPage?> ReadMembersAsync(AccountKey account, ConversationTarget target, string? after, int limit, CancellationToken cancel) =>
        _readers.ReadAsync(connection => ReadMembers(connection, account, target, after, limit), cancel);

    private static MembersPage? ReadMembers(SqliteConnection connection, AccountKey account, ConversationTarget target, string? after, int limit)
    {
        if (FindMembership(connection, account, target) is not { HasLeft: false } membership) return null;
        var from = after is null ? 0 : SqliteRows.FindAccountById(connection, after)?.Key.Value ?? long.MaxValue;
        var found = new List<WireMember>();
        var rows = connection.Prepare($"""
            SELECT a.id, a.name, a.username, a.avatar, a.account_type, m.role, m.joined_at, m.shown_delivered_seq, m.shown_read_seq
            FROM member m INDEXED BY member_conversation JOIN account a ON a.key = m.account
            WHERE m.conversation = ? AND m.account > ? AND m.left_seq IS NULL ORDER BY m.account LIMIT ?
            """).Add(membership.Key.Value).Add(from).Add(limit + 1);
        while (rows.Step())
            found.Add(new WireMember(new WirePerson(rows.Text(0), rows.Text(1), rows.TextOrNull(2), rows.TextOrNull(3), rows.TextOrNull(4)),
                SqliteConversations.WordOf(rows.Long(5)), rows.Long(6) == 0 ? null : new Timestamp(rows.Long(6)), rows.Long(7), rows.Long(8)));
        var more = found.Count > limit;
        if (more) found.RemoveAt(limit);
        return new MembersPage(found, more ? found[^1].User.Id : null);
    }
}
