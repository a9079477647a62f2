using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Messages;

namespace Tieline.Core.Ledgers;

/// <summary>One durable change that somebody asks for. The ledger decides it inside the transaction that stores it.</summary>
public abstract record Command;

/// <summary>A change of what somebody has, or decides, in one conversation.</summary>
public abstract record ConversationCommand(Account Who, ConversationTarget Target) : Command;

/// <summary>Store a message. Exactly one of <paramref name="To"/> and <paramref name="Conversation"/> is given.</summary>
/// <param name="Mentions">A JSON array of account ids, see <see cref="MentionRules"/>.</param>
/// <param name="ForwardOf">The id of a message whose text, card and attachments this one takes over; its own are then left out.</param>
/// <param name="Line">The connection it came over, whose later sends are held after a retryable refusal; null over HTTP.</param>
public sealed record Send(Account From, string ClientId, Account? To, string? Conversation, string Text, string? Card = null, string? ReplyTo = null,
    string? Attachments = null, string? Mentions = null, string? ForwardOf = null, SendLine? Line = null) : Command
{
    // Hashed one after the other on each thread: without a buffer to throw away for every message.
    [ThreadStatic] private static ArrayBufferWriter<byte>? _scratch;

    private byte[]? _hash;

    /// <summary>SHA-256 of everything that makes the request: the same client_id with another hash is a conflict.</summary>
    public byte[] Hash => _hash ??= ComputeHash();

    /// <summary>True where the message refers to other messages or to people: all others cost nothing of it.</summary>
    internal bool HasReferences => ReplyTo is not null || Mentions is not null || ForwardOf is not null;

    private byte[] ComputeHash()
    {
        var buffer = _scratch ??= new ArrayBufferWriter<byte>(1024);
        buffer.ResetWrittenCount();
        foreach (var part in (ReadOnlySpan<string?>)[To?.Id, Conversation, Text, Card, ReplyTo, Attachments]) Write(buffer, part);
        if (Mentions is not null || ForwardOf is not null)
        {
            // Only where one is given: what was stored before they existed keeps its hash.
            Write(buffer, Mentions);
            Write(buffer, ForwardOf);
        }

        return SHA256.HashData(buffer.WrittenSpan);
    }

    private static void Write(ArrayBufferWriter<byte> buffer, string? part)
    {
        // Length first, so that no two requests share their bytes; -1 tells absent from empty.
        BitConverter.TryWriteBytes(buffer.GetSpan(4), part is null ? -1 : Encoding.UTF8.GetByteCount(part));
        buffer.Advance(4);
        if (part is not null) Encoding.UTF8.GetBytes(part, buffer);
    }
}

/// <summary>Move this account's receipt in one conversation. Numbers beyond the head are cut to it; nothing steps back.</summary>
public sealed record MoveReceipt(Account Who, ConversationTarget Target, long DeliveredSeq, long ReadSeq) : ConversationCommand(Who, Target);

/// <summary>All events up to <paramref name="Pos"/> of the account's log have reached one of its devices.</summary>
public sealed record MarkDelivered(Account Who, long Pos) : Command;

/// <summary>Hide from this account only what came up to <paramref name="UpTo"/>, everything where it is null. What came since the person looked stays.</summary>
public sealed record Clear(Account Who, ConversationTarget Target, long? UpTo = null) : ConversationCommand(Who, Target);

public enum RelationChange
{
    Block,
    Unblock,
    Mute,
    Unmute,
}

public sealed record ChangeRelation(Account Who, Account Other, RelationChange Change) : Command;

/// <param name="Replace">True: an account that already has this id gets the draft's fields (import). False: it is a conflict.</param>
public sealed record AddAccount(AccountDraft Draft, bool Replace = false) : Command;

/// <summary>An upload is finished and its file is durable: it may be sent.</summary>
public sealed record AddAttachment(Attachment Attachment) : Command;

/// <summary>An attachment that no message carries may not be sent any more.</summary>
/// <param name="Owner">Only if it is this account's; null for the sweeper.</param>
public sealed record DoomAttachment(string Id, AccountKey? Owner = null) : Command;

/// <summary>The file of a doomed attachment is gone.</summary>
public sealed record ForgetAttachment(string Id) : Command;

/// <summary>A conversation named by the other person (direct) or by its id.</summary>
public readonly record struct ConversationTarget(Account? Peer, string? Conversation, ConversationKey? Key = null);
