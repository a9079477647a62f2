using CsCheck;
using Tieline.Protocol.Frames;

namespace Tieline.Protocol.Tests.Frames;

public sealed class RoundTripTests
{
    private static readonly Gen<string> Id = Gen.String[Gen.Char["abcXYZ019._~|:@-"], 1, 40];
    private static readonly Gen<string> Text = Gen.String[Gen.OneOf(Gen.Char[' ', '\ud7ff'], Gen.Char['\ue000', '\ufffd'], Gen.Char["\"\\\n\u2028<"]), 0, 60];
    private static readonly Gen<long> Number = Gen.Long[0, long.MaxValue];
    private static readonly Gen<Timestamp> Time = Gen.Long[0, 253402300799999999].Select(micros => new Timestamp(micros));
    private static readonly Gen<string?> Card = Gen.Int[0, 2].Select(i => i switch { 0 => null, 1 => "{}", _ => "{\"a\":[1,2.5,null,true],\"b\":\"ü\"}" });

    private static readonly Gen<WireMessage> Message = Gen.Select(Gen.Select(Id, Number, Id), Gen.Select(Id, Id, Text), Time, Card, Gen.Bool).Select(
        (place, who, time, card, flag) => new WireMessage(place.Item1, place.Item2, MessageIds.Make(place.Item1, place.Item2), place.Item3, who.Item1,
            flag ? null : who.Item2, who.Item3, time)
        { Card = card, Deleted = flag, ReplyTo = flag ? place.Item1 : null, EditedAt = flag ? time : null, Attachments = flag ? "[{\"id\":\"x\"}]" : null });

    private static readonly Gen<ServerFrame> ServerFrames = Gen.OneOf<ServerFrame>(
        Gen.Select(Number, Message).Select((pos, message) => (ServerFrame)new MessageFrame(pos, message)),
        Number.Select(pos => (ServerFrame)new VoidFrame(pos)),
        Gen.Select(Number, Id, Id, Number, Number).Select((pos, c, u, d, r) => (ServerFrame)new ReceiptFrame(pos, c, u, d, r)),
        Gen.Select(Number, Id, Gen.Bool, Gen.Bool).Select((pos, u, b, m) => (ServerFrame)new RelationFrame(pos, u, b, m)),
        Gen.Select(Number, Gen.Bool).Select((pos, more) => (ServerFrame)new SyncedFrame(pos, more)),
        Gen.Select(Id, Id, Number, Number, Time, Gen.Bool).Select((c, v, s, p, t, d) => (ServerFrame)new AckFrame(c, MessageIds.Make(v, s), v, s, p, t, d)),
        Gen.Select(Id, Text, Gen.Bool, Gen.Int[0, 100000]).Select((c, t, r, w) => (ServerFrame)new ErrorFrame(c, t, r, r ? c : null, r ? w : null)));

    private static readonly Gen<ClientFrame> ClientFrames = Gen.OneOf<ClientFrame>(
        Gen.Select(Id, Id, Text, Card, Gen.Bool).Select((c, t, text, card, flag) =>
            (ClientFrame)new SendFrame(c, flag ? t : null, flag ? null : t, string.IsNullOrWhiteSpace(text) ? "x" + text : text, card, flag ? t : null, flag ? "[1]" : null)),
        Number.Select(pos => (ClientFrame)new RecvFrame(pos)),
        Gen.Select(Id, Number).Select((c, seq) => (ClientFrame)new ReadFrame(c, seq)),
        Gen.Select(Id, Number).Select((epoch, pos) => (ClientFrame)new SyncFrame(new Cursor(epoch, pos).ToString())),
        Gen.Select(Id, Number, Gen.Int[1, 200]).Select((c, before, limit) => (ClientFrame)new HistoryFrame(c, before, limit)),
        Text.Select(token => (ClientFrame)new AuthFrame(token)));

    [Fact]
    public void Any_server_frame_is_read_as_it_was_written() =>
        ServerFrames.Sample(frame => ServerFrameReader.Read(FrameWriter.ToUtf8(frame)).ShouldBe(frame), iter: 3000);

    [Fact]
    public void Any_client_frame_is_read_as_it_was_written() =>
        ClientFrames.Sample(frame => ClientFrameReader.Read(ClientFrameWriter.ToUtf8(frame)).ShouldBe(frame), iter: 3000);

    [Fact]
    public void A_page_is_read_as_it_was_written() =>
        Message.List[0, 5].Sample(messages =>
        {
            var page = ServerFrameReader.Read(FrameWriter.ToUtf8(new PageFrame("c", messages, true))).ShouldBeOfType<PageFrame>();
            page.Messages.ShouldBe(messages);
        }, iter: 500);

    [Fact]
    public void Bytes_of_any_kind_are_read_or_refused_and_nothing_else() =>
        Gen.Byte.Array[0, 60].Sample(bytes =>
        {
            try
            {
                ClientFrameReader.Read(bytes);
            }
            catch (FrameException)
            {
            }

            try
            {
                ServerFrameReader.Read(bytes);
            }
            catch (FrameException)
            {
            }
        }, iter: 3000);
}
