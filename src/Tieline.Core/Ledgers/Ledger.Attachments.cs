using System.Buffers;
using System.Text;
using System.Text.Json;
using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    private readonly Dictionary<string, Attachment?> _attachmentsInBatch = [];
    private readonly HashSet<string> _attachmentsUsedInBatch = [];

    /// <summary>What the message will say of its attachments: the server's own description. Each is a finished upload of the sender that no message carries yet.</summary>
    private (string? Description, Refused? Refusal) DescribeAttachments(AccountKey sender, string? attachments)
    {
        if (attachments is null) return (null, null);
        var (requests, why) = AttachmentRules.Read(attachments);
        if (requests is null) return (null, new Refused(WireError.Invalid, why!));
        if (requests.Count == 0) return (null, null);
        var buffer = new ArrayBufferWriter<byte>(256 * requests.Count);
        using (var json = new Utf8JsonWriter(buffer, AttachmentRules.JsonOptions))
        {
            json.WriteStartArray();
            foreach (var request in requests)
            {
                // Another person's upload is as unknown as one that never was.
                if (FindAttachment(request.Id) is not { } attachment || attachment.Owner != sender)
                    return (null, new Refused(WireError.NotFound, $"There is no finished upload {Excerpt(request.Id)} of yours."));
                if (IsUsed(request.Id)) return (null, new Refused(WireError.Conflict, $"The upload {request.Id} belongs to another message; forward that one instead."));
                attachment.Write(json, request);
            }

            json.WriteEndArray();
        }

        return (Encoding.UTF8.GetString(buffer.WrittenSpan), null);
    }

    /// <summary>Counts what a stored message carries, its own or another's that it forwards, so that no file is collected under it.</summary>
    private void UseAttachments(StoredMessage message)
    {
        if (message.Wire.Attachments is null) return;
        foreach (var id in Attachment.IdsIn(message.Wire.Attachments))
        {
            _attachmentsUsedInBatch.Add(id);
            Changes.AttachmentUses.Add((id, message.Conversation, message.Wire.Seq));
        }
    }

    /// <summary>What the avatar of a group will be: an address as it was given, or where the server shows the upload that was named.</summary>
    /// <param name="present">What it is now: the same upload named again changes nothing.</param>
    private (string? Avatar, string? Picture, Refused? Refusal) ResolveAvatar(AccountKey who, string? avatar, string? present = null)
    {
        if (GroupPicture.UploadIn(avatar) is not { } id) return (NullIfEmpty(avatar), null, null);
        var address = GroupPicture.AddressOf(id);
        if (address == present) return (address, id, null);
        if (FindAttachment(id) is not { } attachment || attachment.Owner != who)
            return (null, null, new Refused(WireError.NotFound, $"There is no finished upload {Excerpt(id)} of yours."));
        if (!attachment.IsImage) return (null, null, new Refused(WireError.Invalid, $"The upload {id} is no image."));
        return IsUsed(id) ? (null, null, new Refused(WireError.Conflict, $"The upload {id} is in use already; upload the picture once more.")) : (address, id, null);
    }

    /// <summary>A group has one picture; the one before is nobody's from here on.</summary>
    private void UsePicture(ConversationState conversation, string? picture)
    {
        if (picture is not null) _attachmentsUsedInBatch.Add(picture);
        Changes.Pictures[conversation.Key] = picture;
    }

    private Changed ApplyAddAttachment(AddAttachment add)
    {
        // Finished twice: the first answer was lost with a crash.
        if (FindAttachment(add.Attachment.Id) is not null) return new Changed(0);
        _attachmentsInBatch[add.Attachment.Id] = add.Attachment;
        Changes.Attachments.Add(add.Attachment);
        return new Changed(1);
    }

    /// <summary>From here on no message can carry it, so that its file can go.</summary>
    private Changed ApplyDoomAttachment(DoomAttachment doom)
    {
        if (FindAttachment(doom.Id) is not { } attachment || (doom.Owner is { } owner && attachment.Owner != owner) || IsUsed(doom.Id)) return new Changed(0);
        _attachmentsInBatch[doom.Id] = null;
        Changes.DoomedAttachments.Add(doom.Id);
        return new Changed(1);
    }

    private Changed ApplyForgetAttachment(ForgetAttachment forget)
    {
        Changes.ForgottenAttachments.Add(forget.Id);
        return new Changed(1);
    }

    private Attachment? FindAttachment(string id) => _attachmentsInBatch.TryGetValue(id, out var inBatch) ? inBatch : facts.FindAttachment(id);

    private bool IsUsed(string id) => _attachmentsUsedInBatch.Contains(id) || facts.IsAttachmentUsed(id);

    private static string Excerpt(string text) => text.Length <= 32 ? text : text[..32] + "...";
}
