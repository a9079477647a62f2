using System.Buffers;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;
using Tieline.Server.Diagnosis;

namespace Tieline.Server.Sockets;

/// <summary>The first protocol's socket: one chat with one other person. History, then this pair's messages and nothing else.</summary>
internal sealed class V1Line(ChatServer server, SocketConnection socket, Account account, Account peer, Attempt attempt) : SocketLine(server, socket, account, attempt)
{
    private const int HistorySize = 50;

    private readonly SendLine _order = new();
    private ConversationTarget Target { get; } = new(peer, null);
    private long _shownSeq;
    private long _receivedSeq;
    private long _confirmingSeq;
    private long _confirmedSeq;
    private long _pongsBefore;

    protected override bool UsesProtocolPings => true;

    protected override bool EchoAcknowledges => true;

    /// <summary>The line is registered for live events already: what is stored while history is read waits, and is shown once.</summary>
    protected override async Task OpenAsync()
    {
        await Reader.ResumeAsync(null, 0, Ended);
        var messages = await ReadHistoryAsync();
        await Socket.SendAsync(V1FrameWriter.History(messages), Ended);
        Attempt.FramesSent++;
        if (messages.Count > 0) _shownSeq = messages[^1].Seq;
        if (messages.LastOrDefault(message => message.FromUser == peer.Id) is { } newest) _receivedSeq = newest.Seq;
        Wake();
    }

    private async ValueTask<List<WireMessage>> ReadHistoryAsync()
    {
        var messages = new List<WireMessage>();
        HistoryPage? page;
        do
        {
            // A page of long messages ends early.
            page = await Server.Store.ReadHistoryAsync(Account.Key, Target, new HistoryRange(HistorySize - messages.Count, messages.Count > 0 ? messages[0].Seq : null), Ended);
            if (page is not null) messages.InsertRange(0, page.Messages);
        }
        while (page is { More: true, Messages.Count: > 0 } && messages.Count < HistorySize);

        return messages;
    }

    protected override async ValueTask HandleAsync(Received received)
    {
        if (received.Kind == ReceivedKind.FarTooLarge)
        {
            Close(CloseCodes.MessageTooBig, "Not sent: the frame is larger than 1 MiB");
            return;
        }

        if (received.Kind == ReceivedKind.TooLarge)
        {
            Close(CloseCodes.PolicyViolation, $"Not sent: the frame is larger than {Server.Options.FrameBytes} bytes");
            return;
        }

        if (received.Kind == ReceivedKind.NotUtf8)
        {
            Close(CloseCodes.InvalidPayload, "Text frames are UTF-8");
            return;
        }

        var why = "it is binary";
        var send = received.Kind == ReceivedKind.Text ? V1SendReader.TryRead(received.Payload.Span, out why) : null;
        if (send is null)
        {
            ServerLog.FrameIgnored(Log, Account.Id, why);
            return;
        }

        if (send.Unstorable is { } unstorable)
        {
            Close(CloseCodes.PolicyViolation, "Not sent: " + unstorable);
            return;
        }

        var wait = Server.Sends.Reserve(Account.Key);
        if (wait > TimeSpan.Zero) await Task.Delay(wait, Server.Time, Ended);
        var text = send.Text ?? (send.Kind == V1CardKind.Post ? Server.Options.PostText : Server.Options.StoryText);
        BeginSend();
        Server.Store.Submit(new LineSend(this, new Send(Account, send.ClientId ?? Guid.CreateVersion7().ToString(), peer, null, text, send.Card, Line: _order)));
    }

    protected override bool Encode(AccountEvent @event, IBufferWriter<byte> output)
    {
        if (@event.Event is not MessageEvent { Message: { } message } || !IsThisChat(message.Wire) || message.Wire.Seq <= _shownSeq) return false;
        _shownSeq = message.Wire.Seq;
        if (message.Wire.FromUser == peer.Id) _receivedSeq = message.Wire.Seq;
        output.Write(message.EncodedV1);
        return true;
    }

    /// <summary>In the first protocol nothing says "received" but the answer to a ping sent behind the message. One is under way at a time.</summary>
    protected override bool WantsDeliveryPing => _confirmingSeq == 0 && _receivedSeq > _confirmedSeq;

    protected override void OnDeliveryPing()
    {
        _pongsBefore = Socket.Pongs;
        _confirmingSeq = _receivedSeq;
    }

    protected override void OnPong()
    {
        var confirmed = _confirmingSeq;
        // A pong that came in before the message went out says nothing of it.
        if (confirmed == 0 || Socket.Pongs <= _pongsBefore) return;
        Server.Receipts.Move(Account, Target, confirmed, 0);
        _confirmedSeq = confirmed;
        _confirmingSeq = 0;
        Wake();
    }

    private bool IsThisChat(WireMessage message) =>
        message.ToUser is not null && (message.FromUser == peer.Id || message.ToUser == peer.Id);

    /// <summary>The echo is the acknowledgement; only a send that was not stored needs words, and closes the socket to say them.</summary>
    private sealed class LineSend(V1Line line, Send send) : Submission(send)
    {
        public override void Complete(Outcome outcome)
        {
            if (outcome is Acknowledged { Ack: var ack }) ServerLog.Stored(line.Log, line.Account.Id, ack.Conversation, ack.Seq);
            if (outcome is Refused { Error.Retryable: true } forNow) line.Close(CloseCodes.InternalError, "Not sent, try again: " + forNow.Why);
            else if (outcome is Refused refused) line.Close(CloseCodes.PolicyViolation, "Not sent: " + refused.Why);
            line.EndSend();
        }

        public override void Lose(Exception reason)
        {
            line.Close(CloseCodes.InternalError, "It is not known whether a message was stored");
            line.EndSend();
        }
    }
}
