using CsCheck;
using Tieline.Protocol.Frames;

namespace Tieline.Protocol.Tests.Frames;

public sealed class RoundTripTests
{
    private static readonly Gen<string> _id = Gen.String[Gen.Char["abcXYZ019._~|:@-"], 1, 40];
    private static readonly Gen<string> _text = Gen.String[Gen.OneOf(Gen.Char[' ', '\ud7ff'], Gen.Char['\ue000', '\ufffd'], Gen.Char["\"\\\n\u2028<"]), 0, 60];
    private static readonly Gen<long> _number = Gen.Long[0, long.MaxValue];
    private static readonly Gen<Timestamp> _time = Gen.Long[0, 253402300799999999].Select(micros => new Timestamp(micros));
    private static readonly Gen<string?> _card = Gen.Int[0, 2].Select(i => i switch { 0 => null, 1 => "{}", _ => "{\"a\":[1,2.5,null,true],\"b\":\"ü\"}" });

    private static readonly Gen<WireMessage> _message = Gen.Select(Gen.Select(_id, _number, _id), Gen.Select(_id, _id, _text), _time, _card, Gen.Bool).Select(
        (place, who, time, card, flag) => new WireMessage(place.Item1, place.Item2, MessageIds.Make(place.Item1, place.Item2), place.Item3, who.Item1,
            flag ? null : who.Item2, who.Item3, time)
        { Card = card, Deleted = flag, ReplyTo = flag ? place.Item1 : null, EditedAt = flag ? time : null, Attachments = flag ? "[{\"id\":\"x\"}]" : null });

    private static readonly Gen<ServerFrame> _serverFrames = Gen.OneOf<ServerFrame>(
        Gen.Select(_number, _message).Select((pos, message) => (ServerFrame)new MessageFrame(pos, message)),
        _number.Select(pos => (ServerFrame)new VoidFrame(pos)),
        Gen.Select(_number, _id, _id, _number, _number).Select((pos, c, u, d, r) => (ServerFrame)new ReceiptFrame(pos, c, u, d, r)),
        Gen.Select(_number, _id, Gen.Bool, Gen.Bool).Select((pos, u, b, m) => (ServerFrame)new RelationFrame(pos, u, b, m)),
        Gen.Select(_number, Gen.Bool).Select((pos, more) => (ServerFrame)new SyncedFrame(pos, more)),
        Gen.Select(_id, _id, _number, _number, _time, Gen.Bool).Select((c, v, s, p, t, d) => (ServerFrame)new AckFrame(c, MessageIds.Make(v, s), v, s, p, t, d)),
        Gen.Select(_id, _text, Gen.Bool, Gen.Int[0, 100000]).Select((c, t, r, w) => (ServerFrame)new ErrorFrame(c, t, r, r ? c : null, r ? w : null)));

    private static readonly Gen<ClientFrame> _clientFrames = Gen.OneOf<ClientFrame>(
        Gen.Select(_id, _id, _text, _card, Gen.Bool).Select((c, t, text, card, flag) =>
            (ClientFrame)new SendFrame(c, flag ? t : null, flag ? null : t, string.IsNullOrWhiteSpace(text) ? "x" + text : text, card, flag ? t : null, flag ? "[1]" : null, flag ? null : "[\"u\"]")),
        Gen.Select(_id, _id, Gen.Bool).Select((c, t, flag) => (ClientFrame)new SendFrame(c, flag ? t : null, flag ? null : t, "", null, flag ? t : null, ForwardOf: t)),
        _number.Select(pos => (ClientFrame)new RecvFrame(pos)),
        Gen.Select(_id, _number).Select((c, seq) => (ClientFrame)new ReadFrame(c, seq)),
        Gen.Select(_id, _number).Select((epoch, pos) => (ClientFrame)new SyncFrame(new Cursor(epoch, pos).ToString())),
        Gen.Select(_id, _number, Gen.Int[1, 200]).Select((c, before, limit) => (ClientFrame)new HistoryFrame(c, before, limit)),
        _text.Select(token => (ClientFrame)new AuthFrame(token)));

    [Fact]
    public void Any_server_frame_is_read_as_it_was_written() =>
        _serverFrames.Sample(frame => ServerFrameReader.Read(FrameWriter.ToUtf8(frame)).ShouldBe(frame), iter: 3000);

    [Fact]
    public void Any_client_frame_is_read_as_it_was_written() =>
        _clientFrames.Sample(frame => ClientFrameReader.Read(ClientFrameWriter.ToUtf8(frame)).ShouldBe(frame), iter: 3000);

    [Fact]
    public void A_page_is_read_as_it_was_written() =>
        _message.List[0, 5].Sample(messages =>
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
