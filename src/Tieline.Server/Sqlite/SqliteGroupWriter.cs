using Tieline.Core.Ledgers;
using Tieline.Protocol;

namespace Tieline.Server.Sqlite;

/// <summary>Writes what one batch changes of groups.</summary>
internal static class SqliteGroupWriter
{
    public static void Write(SqliteConnection connection, LedgerChanges changes, Timestamp now)
    {
        foreach (var state in changes.Groups)
        {
            var group = state.Group!;
            connection.Prepare("""
                INSERT INTO chat_group(conversation, name, avatar, history, announcements, members, link_code, link_expires_at) VALUES(?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(conversation) DO UPDATE SET name = excluded.name, avatar = excluded.avatar, history = excluded.history,
                    announcements = excluded.announcements, members = excluded.members, link_code = excluded.link_code, link_expires_at = excluded.link_expires_at
                """)
                .Add(state.Key.Value).Add(group.Name).Add(group.Avatar).Add((long)group.History).Add(group.Announcements ? 1 : 0L).Add(state.Members.Count)
                .Add(group.LinkCode).Add(group.LinkExpiresAt).Run();
        }

        foreach (var @event in changes.GroupEvents)
            connection.Prepare("INSERT INTO group_event(conversation, number, at, kind, seq, actor, positions) VALUES(?, ?, ?, ?, ?, ?, ?)")
                .Add(@event.Conversation.Value).Add(@event.Number).Add(now.Microseconds).Add((long)@event.Kind).Add(@event.Seq).Add(@event.Actor?.Value)
                .Add(SqliteGroupLog.Encode(@event.Positions)).Run();

        foreach (var stay in changes.Stays)
            connection.Prepare("""
                INSERT INTO group_stay(account, conversation, first, last) VALUES(?, ?, ?, ?) ON CONFLICT(account, conversation, first) DO UPDATE SET last = excluded.last
                """).Add(stay.Account.Value).Add(stay.Conversation.Value).Add(stay.First).Add(stay.Last).Run();
    }
}
