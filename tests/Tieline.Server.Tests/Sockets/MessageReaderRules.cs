using System.Text;

namespace Tieline.Server.Tests.Sockets;

/// <summary>RFC 6455, sections 5 to 8, as a server must read it.</summary>
public sealed class MessageReaderRules
{
    private const int Limit = 1000;

    public static TheoryData<string, byte[], string> Faults => new()
    {
        { "no mask", [0x81, 0x02, 1, 2], "a frame without a mask" },
        { "reserved bit 1", ClientBytes.Frame(0xC1, "x"u8), "a reserved bit" },
        { "reserved bit 2", ClientBytes.Frame(0xA1, "x"u8), "a reserved bit" },
        { "reserved bit 3", ClientBytes.Frame(0x91, "x"u8), "a reserved bit" },
        { "opcode 3", ClientBytes.Frame(0x83, "x"u8), "an unknown opcode" },
        { "opcode 7", ClientBytes.Frame(0x87, "x"u8), "an unknown opcode" },
        { "opcode 11", ClientBytes.Frame(0x8B, "x"u8), "an unknown opcode" },
        { "opcode 15", ClientBytes.Frame(0x8F, "x"u8), "an unknown opcode" },
        { "a ping in pieces", ClientBytes.Frame(0x09, "x"u8), "a control frame in pieces" },
        { "a long ping", ClientBytes.Frame(0x89, new byte[126]), "a control frame that is too long" },
        { "a continuation first", ClientBytes.Frame(0x80, "x"u8), "a continuation of nothing" },
        { "text inside text", [.. ClientBytes.Frame(0x01, "x"u8), .. ClientBytes.Frame(0x81, "y"u8)], "a new message inside another" },
        { "binary inside text", [.. ClientBytes.Frame(0x01, "x"u8), .. ClientBytes.Frame(0x02, "y"u8)], "a new message inside another" },
        { "the highest bit of a length", [0x81, 0xFF, .. ClientBytes.Long(long.MinValue + 5), 1, 2, 3, 4], "a length with its highest bit set" },
        { "half a close code", ClientBytes.Frame(0x88, [3]), "half a close code" },
        { "close code 0", ClientBytes.Frame(0x88, [0, 0]), "a close code that may not be sent" },
        { "close code 999", ClientBytes.Frame(0x88, [3, 0xE7]), "a close code that may not be sent" },
        { "close code 1005", ClientBytes.Frame(0x88, [3, 0xED]), "a close code that may not be sent" },
        { "close code 1006", ClientBytes.Frame(0x88, [3, 0xEE]), "a close code that may not be sent" },
        { "close code 1015", ClientBytes.Frame(0x88, [3, 0xF7]), "a close code that may not be sent" },
        { "close code 5000", ClientBytes.Frame(0x88, [0x13, 0x88]), "a close code that may not be sent" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_the_rfc_forbids_ends_the_connection_with_1002_and_the_reason(string what, byte[] bytes, string fault)
    {
        foreach (var piece in (int[])[1, 2, 3, 4096])
        {
            var seen = Read(bytes, piece);
            seen.ShouldHaveSingleItem(what).ShouldStartWith("Violation 1002 Not WebSocket: " + fault);
        }
    }

    [Fact]
    public void A_reason_that_is_not_utf8_ends_it_with_1007() =>
        Read(ClientBytes.Frame(0x88, [3, 0xE8, 0xC3, 0x28])).ShouldHaveSingleItem().ShouldStartWith("Violation 1007");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(999)]
    [InlineData(1000)]
    public void A_message_of_any_length_within_the_limit_is_read_however_it_is_cut(int length)
    {
        var text = Encoding.UTF8.GetBytes(new string('x', length));
        foreach (var piece in (int[])[1, 7, 4096]) Read(ClientBytes.Frame(0x81, text), piece).ShouldBe(["Text " + Convert.ToHexString(text)]);
    }

    [Fact]
    public void Pieces_make_one_message_with_pings_and_pongs_between_them()
    {
        byte[] bytes =
        [
            .. ClientBytes.Frame(0x01, "ab"u8), .. ClientBytes.Frame(0x89, "?"u8), .. ClientBytes.Frame(0x00, ""u8), .. ClientBytes.Frame(0x8A, ""u8),
            .. ClientBytes.Frame(0x80, "cd"u8), .. ClientBytes.Frame(0x82, [1]), .. ClientBytes.Frame(0x88, [3, 0xE8, (byte)'b']),
        ];

        Read(bytes, 1).ShouldBe(["Ping 3F", "Pong", "Text 61626364", "Binary 01", "Closed 1000 b"]);
    }

    [Fact]
    public void A_character_may_be_cut_between_two_pieces_but_not_at_the_end()
    {
        Read([.. ClientBytes.Frame(0x01, [0xC3]), .. ClientBytes.Frame(0x80, [0xBC])]).ShouldBe(["Text C3BC"]);
        Read([.. ClientBytes.Frame(0x01, [0xC3]), .. ClientBytes.Frame(0x80, ""u8), .. ClientBytes.Frame(0x81, "x"u8)]).ShouldBe(["NotUtf8 ", "Text 78"]);
        Read(ClientBytes.Frame(0x81, [0xED, 0xA0, 0x80])).ShouldBe(["NotUtf8 "]);
        Read(ClientBytes.Frame(0x82, [0xED, 0xA0, 0x80])).ShouldBe(["Binary EDA080"]);
    }

    [Fact]
    public void A_message_over_the_limit_is_told_once_and_the_next_one_is_read()
    {
        var next = ClientBytes.Frame(0x81, "next"u8);
        Read([.. ClientBytes.Frame(0x81, new byte[1001]), .. next]).ShouldBe(["TooLarge ", "Text 6E657874"]);
        Read([.. ClientBytes.Frame(0x01, new byte[600]), .. ClientBytes.Frame(0x00, new byte[600]), .. ClientBytes.Frame(0x00, new byte[5]), .. ClientBytes.Frame(0x80, ""u8), .. next], 11)
            .ShouldBe(["TooLarge ", "Text 6E657874"]);
    }

    [Fact]
    public void A_message_far_over_the_limit_is_told_as_soon_as_it_is_announced()
    {
        Read([0x81, 0xFF, .. ClientBytes.Long(long.MaxValue), 1, 2, 3, 4, 5, 6, 7]).ShouldBe(["FarTooLarge "]);
        var half = new byte[600_000];
        Read([.. ClientBytes.Frame(0x02, half), .. ClientBytes.Frame(0x00, half), .. ClientBytes.Frame(0x80, half), .. ClientBytes.Frame(0x81, "next"u8)])
            .ShouldBe(["FarTooLarge ", "Text 6E657874"]);
    }

    [Fact]
    public void Behind_a_close_frame_nothing_is_read() =>
        Read([.. ClientBytes.Frame(0x88, []), .. ClientBytes.Frame(0x81, "x"u8)]).ShouldBe(["Closed 1005 "]);

    private static List<string> Read(byte[] bytes, int piece = 4096) => ClientBytes.Read(bytes, [piece], Limit);
}
