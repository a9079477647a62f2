using Tieline.Core.Ledgers;

namespace Tieline.Server.Postgres;

// Not of this project: UpgradeTests builds the server with it, as a release to come. A step that adds, on which code of before still works, and code that uses it.
internal static partial class PostgresSchema
{
    static partial void AddNext(List<string> steps) => steps.Add("""
        ALTER TABLE message ADD COLUMN later text;
        ALTER TABLE conversation ADD COLUMN later bigint NOT NULL DEFAULT 7;
        CREATE TABLE later(account bigint PRIMARY KEY, messages bigint NOT NULL);
        """);
}

internal static partial class PostgresChangeWriter
{
    static partial void WriteNext(List<PostgresStatement> statements, LedgerChanges changes)
    {
        var senders = changes.Messages.GroupBy(message => message.Message.Sender.Value).OrderBy(sender => sender.Key).ToList();
        statements.Add(new PostgresStatement("""
            INSERT INTO later AS l (account, messages) SELECT * FROM unnest($1, $2) ON CONFLICT(account) DO UPDATE SET messages = l.messages + excluded.messages
            """).Add(senders.Select(sender => sender.Key)).Add(senders.Select(sender => (long)sender.Count())));
        statements.Add(new PostgresStatement("""
            UPDATE message m SET later = 'new' FROM unnest($1, $2, $3) x(conversation, seq, created_at) WHERE m.conversation = x.conversation AND m.seq = x.seq AND m.created_at = x.created_at
            """).Add(changes.Messages.Select(message => message.Message.Conversation.Value)).Add(changes.Messages.Select(message => message.Message.Wire.Seq))
            .Add(changes.Messages.Select(message => message.Message.Wire.CreatedAt.Microseconds)));
    }
}
