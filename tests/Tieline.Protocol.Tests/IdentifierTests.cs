using CsCheck;

namespace Tieline.Protocol.Tests;

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("u_ada", true)]
    [InlineData("7", true)]
    [InlineData("a.b_c~d|e:f@g-h", true)]
    [InlineData("Me", true)]
    [InlineData("me", false)]
    [InlineData("_diag", false)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("ada%40", false)]
    [InlineData("ädä", false)]
    [InlineData("a\0", false)]
    public void An_account_id_is_made_of_few_characters_and_is_no_reserved_word(string id, bool valid) => AccountIds.IsValid(id).ShouldBe(valid);

    [Theory]
    [InlineData(1, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void An_account_id_has_1_to_128_characters(int length, bool valid) => AccountIds.IsValid(new string('a', length)).ShouldBe(valid);

    [Theory]
    [InlineData(1, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void A_client_id_has_1_to_64_characters(int length, bool valid) => Identifiers.IsValidClientId(new string('a', length)).ShouldBe(valid);

    [Theory]
    [InlineData("k3Xw9.0", true)]
    [InlineData("k3Xw9.1207", true)]
    [InlineData("a.b.7", true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("k3Xw9", false)]
    [InlineData(".7", false)]
    [InlineData("k3Xw9.", false)]
    [InlineData("k3Xw9.-1", false)]
    [InlineData("k3Xw9.+1", false)]
    [InlineData("k3Xw9. 1", false)]
    [InlineData("k3Xw9.1x", false)]
    [InlineData("k3Xw9.99999999999999999999", false)]
    public void A_cursor_is_an_epoch_and_a_position(string? text, bool valid)
    {
        Cursor.TryParse(text, out var cursor).ShouldBe(valid);
        if (valid) cursor.ToString().ShouldBe(text);
    }

    [Fact]
    public void An_epoch_is_short() => Cursor.TryParse(new string('e', 65) + ".1", out _).ShouldBeFalse();

    [Fact]
    public void A_message_id_gives_back_what_it_was_made_of() =>
        Gen.Select(Gen.String[Gen.Char["ab.c_1"], 1, 20], Gen.Long[1, long.MaxValue]).Sample((conversation, seq) =>
        {
            MessageIds.TryParse(MessageIds.Make(conversation, seq), out var readConversation, out var readSeq).ShouldBeTrue();
            (readConversation, readSeq).ShouldBe((conversation, seq));
        });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("c")]
    [InlineData(".1")]
    [InlineData("c.0")]
    [InlineData("c.-1")]
    [InlineData("c.x")]
    public void What_is_no_message_id_is_refused(string? text) => MessageIds.TryParse(text, out _, out _).ShouldBeFalse();

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00.000000Z")]
    [InlineData(1772357400000000, "2026-03-01T09:30:00.000000Z")]
    [InlineData(1772357400000001, "2026-03-01T09:30:00.000001Z")]
    [InlineData(1772357400120000, "2026-03-01T09:30:00.120000Z")]
    public void A_time_always_has_six_digits(long micros, string text)
    {
        new Timestamp(micros).ToString().ShouldBe(text);
        Timestamp.TryParse(text, out var parsed).ShouldBeTrue();
        parsed.Microseconds.ShouldBe(micros);
    }

    [Theory]
    [InlineData("2026-03-01T09:30:00Z")]
    [InlineData("2026-03-01T09:30:00.123Z")]
    [InlineData("2026-03-01T09:30:00.123456")]
    [InlineData("2026-03-01T09:30:00.123456+01:00")]
    [InlineData("2026-02-30T09:30:00.123456Z")]
    [InlineData(null)]
    public void A_time_in_another_form_is_refused(string? text) => Timestamp.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Any_time_survives_writing_and_reading_and_keeps_its_order() =>
        Gen.Select(Gen.Long[0, 253402300799999999], Gen.Long[0, 253402300799999999]).Sample((a, b) =>
        {
            var (left, right) = (new Timestamp(a), new Timestamp(b));
            Timestamp.TryParse(left.ToString(), out var read).ShouldBeTrue();
            read.ShouldBe(left);
            Timestamp.From(left.ToDateTimeOffset()).ShouldBe(left);
            Math.Sign(string.CompareOrdinal(left.ToString(), right.ToString())).ShouldBe(left.CompareTo(right));
        });
}
