using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Protocol;

namespace Tieline.Server.Sqlite;

internal sealed partial class SqliteStore
{
    public ValueTask<Attachment?> FindAttachmentAsync(string id, CancellationToken cancel) =>
        _readers.ReadAsync(connection => SqliteAttachments.Find(connection, id), cancel);

    public ValueTask<Attachment?> FindAttachmentInAsync(string conversation, string id, CancellationToken cancel) =>
        _readers.ReadAsync(connection => SqliteAttachments.FindIn(connection, conversation, id), cancel);

    public ValueTask<Attachment?> FindPictureAsync(string id, CancellationToken cancel) =>
        _readers.ReadAsync(connection => SqliteAttachments.FindPicture(connection, id), cancel);

    public ValueTask<(Attachment Attachment, string Conversation)?> FindVisibleAttachmentAsync(AccountKey account, string id, CancellationToken cancel) =>
        _readers.ReadAsync(connection => SqliteAttachments.FindVisible(connection, account, id), cancel);

    public ValueTask<IReadOnlyList<(string Id, bool Doomed)>> ReadUnusedAttachmentsAsync(DateTimeOffset before, int limit, CancellationToken cancel) =>
        _readers.ReadAsync(connection => SqliteAttachments.ReadUnused(connection, Timestamp.From(before), limit), cancel);
}
