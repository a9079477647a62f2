using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests;

public sealed class V2SocketTests
{
    [Fact]
    public async Task The_first_frames_are_hello_snapshot_and_synced()
    {
        await using var server = await RunningServer.StartAsync();
        var ada = await server.AddPersonAsync("ada");

        await using var socket = await ada.OpenAsync();

        socket.Seen.Select(TypeOf).ShouldBe(["hello", "snapshot", "synced"]);
        var hello = socket.Seen[0];
        hello.GetProperty("v").GetInt32().ShouldBe(2);
        hello.GetProperty("resumed").GetBoolean().ShouldBeFalse();
        hello.GetProperty("user").GetString().ShouldBe("ada");
        hello.GetProperty("limits").GetProperty("bytes").GetInt32().ShouldBe(65_536);
    }

    [Fact]
    public async Task A_send_is_acknowledged_and_reaches_all_devices_of_both_people()
    {
        await using var server = await RunningServer.StartAsync();
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        await using var adasPhone = await ada.OpenAsync();
        await using var adasLaptop = await ada.OpenAsync();
        await using var bobs = await bob.OpenAsync();

        await adasPhone.SendAsync(new { type = "send", client_id = "c1", to = "bob", message = "hello" });

        var ack = await adasPhone.ReadUntilAsync("ack");
        ack.GetProperty("client_id").GetString().ShouldBe("c1");
        ack.GetProperty("seq").GetInt64().ShouldBe(1);
        ack.GetProperty("duplicate").GetBoolean().ShouldBeFalse();
        foreach (var device in (TestSocket[])[adasPhone, adasLaptop, bobs])
        {
            var message = device.Seen.Find(frame => TypeOf(frame) == "message") is { ValueKind: JsonValueKind.Object } seen ? seen : await device.ReadUntilAsync("message");
            message.GetProperty("message").GetString().ShouldBe("hello");
            message.GetProperty("id").GetString().ShouldBe(ack.GetProperty("id").GetString());
            message.GetProperty("pos").GetInt64().ShouldBe(1);
        }
    }

    private static string TypeOf(JsonElement frame) => frame.GetProperty("type").GetString()!;
}
