using System.Text;
using System.Text.Json;
using Tieline.Protocol.Frames;

namespace Tieline.Protocol.Tests.Frames;

public sealed class RefusalTests
{
    public static TheoryData<string, string, string?, string> Refusals
    {
        get
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(GoldenFiles.Folder, "refusals.json")));
            var data = new TheoryData<string, string, string?, string>();
            foreach (var item in document.RootElement.EnumerateArray())
            {
                data.Add(item.GetProperty("note").GetString()!, item.GetProperty("code").GetString()!,
                    item.TryGetProperty("client_id", out var id) ? id.GetString() : null, item.GetProperty("frame").GetString()!);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Refusals))]
    public void A_bad_frame_is_refused_with_its_code(string note, string code, string? clientId, string frame)
    {
        var refusal = Should.Throw<FrameException>(() => ClientFrameReader.Read(Encoding.UTF8.GetBytes(frame)), note);
        refusal.Error.Code.ShouldBe(code);
        refusal.ClientId.ShouldBe(clientId);
        refusal.Message.ShouldNotBeNullOrWhiteSpace();
    }

    public static TheoryData<string, byte[]> Bytes => new()
    {
        { "a lone byte of UTF-8", "{\"type\":\"send\",\"client_id\":\"a\",\"to\":\"b\",\"message\":\"\xff\"}".Select(c => (byte)c).ToArray() },
        { "too deep", Encoding.UTF8.GetBytes("{\"type\":\"ping\",\"x\":" + new string('[', 1000) + new string(']', 1000) + "}") },
        { "a client_id of 65", Encoding.UTF8.GetBytes($"{{\"type\":\"send\",\"client_id\":\"{new string('a', 65)}\",\"to\":\"b\",\"message\":\"hi\"}}") },
        { "zero bytes", new byte[16] },
    };

    [Theory, MemberData(nameof(Bytes))]
    public void Bytes_that_are_no_frame_are_refused_for_good(string what, byte[] bytes) =>
        Should.Throw<FrameException>(() => ClientFrameReader.Read(bytes), what).Error.Retryable.ShouldBeFalse();

    [Theory]
    [InlineData("nonsense", "not_json")]
    [InlineData("[]", "invalid")]
    [InlineData("{}", "invalid")]
    [InlineData("{\"type\":\"ack\"}", "invalid")]
    [InlineData("{\"type\":\"ping\",\"pos\":\"1\"}", "invalid")]
    [InlineData("{\"type\":\"synced\",\"pos\":1,\"more\":0}", "invalid")]
    [InlineData("{\"type\":\"page\",\"conversation\":\"c\",\"messages\":7,\"more\":false}", "invalid")]
    [InlineData("{\"type\":\"page\",\"conversation\":\"c\",\"messages\":[7],\"more\":false}", "invalid")]
    [InlineData("{\"type\":\"snapshot\",\"pos\":1,\"conversations\":[null]}", "invalid")]
    [InlineData("{\"type\":\"ack\",\"client_id\":\"a\",\"id\":\"c.1\",\"conversation\":\"c\",\"seq\":1,\"pos\":1,\"created_at\":\"today\",\"duplicate\":false}", "invalid")]
    [InlineData("{\"type\":\"void\",\"pos\":1e30}", "invalid")]
    public void A_client_refuses_a_broken_server_frame(string frame, string code) =>
        Should.Throw<FrameException>(() => ServerFrameReader.Read(Encoding.UTF8.GetBytes(frame))).Error.Code.ShouldBe(code);

    [Theory]
    [InlineData("{\"type\":\"weather\",\"user\":\"u\"}", null)]
    [InlineData("{\"type\":\"reaction\",\"pos\":7,\"emoji\":\"+\"}", 7L)]
    public void A_frame_of_the_future_is_unknown_and_keeps_its_position(string frame, long? pos)
    {
        var unknown = ServerFrameReader.Read(Encoding.UTF8.GetBytes(frame)).ShouldBeOfType<UnknownServerFrame>();
        unknown.Pos.ShouldBe(pos);
    }

    [Fact]
    public void Fields_of_the_future_are_skipped() =>
        ServerFrameReader.Read("{\"type\":\"void\",\"later\":{\"a\":[1]},\"pos\":3}"u8.ToArray()).ShouldBe(new VoidFrame(3));

    [Theory]
    [InlineData(null, 50)]
    [InlineData("0", 1)]
    [InlineData("7", 7)]
    [InlineData("100000", 200)]
    public void The_limit_of_history_is_kept_within_bounds(string? asked, int given)
    {
        var limit = asked is null ? "" : $",\"limit\":{asked}";
        var frame = ClientFrameReader.Read(Encoding.UTF8.GetBytes($"{{\"type\":\"history\",\"conversation\":\"c\"{limit}}}"));
        frame.ShouldBe(new HistoryFrame("c", null, given));
    }
}
