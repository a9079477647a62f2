using Tieline.Core.Ledgers;
using Tieline.Protocol;

namespace Tieline.Server.Sqlite;

internal static partial class SqliteChangeWriter
{
    private static void WriteLive(SqliteConnection connection, LedgerChanges changes, Timestamp now)
    {
        foreach (var (account, standing) in changes.Standings)
            connection.Prepare("UPDATE account SET hidden = ?, suspended_at = CASE WHEN ? THEN COALESCE(suspended_at, ?) END WHERE key = ?")
                .Add(standing.Privacy.Hidden).Add(standing.Suspended ? 1 : 0).Add(now.Microseconds).Add(account.Value).Run();
        foreach (var (account, at) in changes.Seen)
            connection.Prepare("INSERT INTO seen(account, at) VALUES(?, ?) ON CONFLICT(account) DO UPDATE SET at = MAX(at, excluded.at)")
                .Add(account.Value).Add(at.Microseconds).Run();
        foreach (var flag in changes.Flags.Values)
            connection.Prepare("""
                INSERT INTO flag(id, reporter, user, conversation, seq, reason, text, context, created_at, decision, decided_at) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(id) DO UPDATE SET decision = excluded.decision, decided_at = excluded.decided_at
                """)
                .Add(flag.Id).Add(flag.Reporter.Value).Add(flag.User.Value).Add(flag.Conversation?.Value).Add(flag.Seq).Add((long)flag.Reason).Add(flag.Text)
                .Add(flag.Context).Add(flag.CreatedAt.Microseconds).Add((long?)flag.Decision).Add(flag.DecidedAt?.Microseconds).Run();
    }
}
