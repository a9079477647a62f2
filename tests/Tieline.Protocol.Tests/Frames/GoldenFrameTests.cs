using System.Text.Json;
using Tieline.Protocol.Frames;

namespace Tieline.Protocol.Tests.Frames;

public sealed class GoldenFrameTests
{
    public static TheoryData<string> ServerFrames => [.. GoldenFiles.Frames("server", 2)];
    public static TheoryData<string> ClientFrames => [.. GoldenFiles.Frames("client", 2)];
    public static TheoryData<string> OldFrames => [.. GoldenFiles.Frames("server", 1), .. GoldenFiles.Frames("client", 1)];

    [Theory, MemberData(nameof(ServerFrames))]
    public void A_server_frame_is_read_and_written_to_the_same_JSON(string name)
    {
        var golden = GoldenFiles.Frame(name);
        ShouldBeSameJson(FrameWriter.ToUtf8(ServerFrameReader.Read(golden)), golden);
    }

    [Theory, MemberData(nameof(ServerFrames))]
    public void Fields_of_a_server_frame_come_in_the_order_of_the_example(string name)
    {
        var written = JsonDocument.Parse(FrameWriter.ToUtf8(ServerFrameReader.Read(GoldenFiles.Frame(name)))).RootElement;
        written.EnumerateObject().Select(field => field.Name).ShouldBe(GoldenFiles.Read(name).GetProperty("frame").EnumerateObject().Select(field => field.Name));
    }

    [Theory, MemberData(nameof(ClientFrames))]
    public void A_client_frame_is_read_and_written_to_the_same_JSON(string name)
    {
        var golden = GoldenFiles.Frame(name);
        ShouldBeSameJson(ClientFrameWriter.ToUtf8(ClientFrameReader.Read(golden)), golden);
    }

    [Theory, MemberData(nameof(ClientFrames))]
    public void A_command_is_the_frame_without_its_type(string name)
    {
        var frame = ClientFrameReader.Read(GoldenFiles.Frame(name));
        var body = ClientFrameWriter.ToUtf8(frame, withType: false);
        JsonDocument.Parse(body).RootElement.TryGetProperty("type", out _).ShouldBeFalse();
        ClientFrameReader.Read(body, ClientFrameWriter.TypeOf(frame)).ShouldBe(frame);
    }

    [Theory, MemberData(nameof(ServerFrames)), MemberData(nameof(ClientFrames))]
    public void An_example_names_its_type_and_says_what_to_look_at(string name)
    {
        var file = GoldenFiles.Read(name);
        file.GetProperty("type").GetString().ShouldBe(file.GetProperty("frame").GetProperty("type").GetString());
        file.GetProperty("note").GetString().ShouldNotBeNullOrWhiteSpace();
        name.ShouldStartWith($"{file.GetProperty("direction")}-{file.GetProperty("type")}");
    }

    [Theory, MemberData(nameof(OldFrames))]
    public void An_old_frame_has_only_the_fields_that_v1_may_have(string name) =>
        GoldenFiles.Read(name).GetProperty("frame").EnumerateObject().Select(field => field.Name)
            .ShouldBeSubsetOf(["type", "messages", "id", "from_user", "to_user", "message", "created_at", "post_id", "story_id", "story_data", "client_id"]);

    [Fact]
    public void Every_frame_type_has_an_example()
    {
        var frames = GoldenFiles.Frames("server", 2).Select(name => ServerFrameReader.Read(GoldenFiles.Frame(name)).GetType())
            .Concat(GoldenFiles.Frames("client", 2).Select(name => ClientFrameReader.Read(GoldenFiles.Frame(name)).GetType())).ToHashSet();
        var types = typeof(ServerFrame).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && (type.IsAssignableTo(typeof(ServerFrame)) || type.IsAssignableTo(typeof(ClientFrame))))
            .Except([typeof(UnknownServerFrame)]);
        types.Except(frames).ShouldBeEmpty();
    }

    [Fact]
    public void The_prose_names_every_example()
    {
        var prose = File.ReadAllText(Path.Combine(GoldenFiles.Folder, "README.md"));
        var types = GoldenFiles.Frames("server", 2).Concat(GoldenFiles.Frames("client", 2)).Select(name => GoldenFiles.Read(name).GetProperty("type").GetString()!);
        types.Where(type => !prose.Contains($"`{type}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    internal static void ShouldBeSameJson(byte[] written, byte[] golden)
    {
        using var left = JsonDocument.Parse(written);
        using var right = JsonDocument.Parse(golden);
        JsonElement.DeepEquals(left.RootElement, right.RootElement).ShouldBeTrue($"{left.RootElement} should be {right.RootElement}");
    }
}
