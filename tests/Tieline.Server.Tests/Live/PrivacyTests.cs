using System.Net;

namespace Tieline.Server.Tests.Live;

public sealed class PrivacyTests : LivePeople
{
    [Fact]
    public async Task It_is_told_to_all_my_devices_and_the_same_again_changes_nothing()
    {
        await using var device = await Ada.OpenAsync();
        await using var other = await Ada.OpenAsync();

        await device.SendAsync(new { type = "privacy", client_id = "p1", receipts = false });
        (await device.ReadUntilAsync("done")).ToString().ShouldBe("""{"type":"done","client_id":"p1","changed":1}""");
        (await other.ReadUntilAsync("privacy")).GetProperty("receipts").GetBoolean().ShouldBeFalse();
        await device.SendAsync(new { type = "privacy", client_id = "p2", receipts = false });
        (await device.ReadUntilAsync(Is("done", "client_id", "p2"))).GetProperty("changed").GetInt32().ShouldBe(0);

        var (_, body) = await Ada.GetAsync("/api/chat/privacy");
        body.ToString().ShouldBe("""{"receipts":false,"online":true,"last_seen":true,"typing":true}""");
    }

    [Theory]
    [InlineData("ada")]
    [InlineData("bob")]
    public async Task Without_read_receipts_on_either_side_only_the_delivery_is_told(string hides)
    {
        await DoAsync(hides == "ada" ? Ada : Bob, "privacy", new { receipts = false });
        await using var ada = await Ada.OpenAsync();

        await Bob.PostAsync("/api/chat/v2/read", new { conversation = Chat, seq = 1 });

        var receipt = await ada.ReadUntilAsync("receipt");
        (receipt.GetProperty("delivered_seq").GetInt32(), receipt.GetProperty("read_seq").GetInt32()).ShouldBe((1, 0));
        var list = (await Ada.GetAsync("/api/chat/conversations")).Body.GetProperty("conversations")[0];
        (list.GetProperty("peer_delivered_seq").GetInt32(), list.GetProperty("peer_read_seq").GetInt32()).ShouldBe((1, 0));
        (await Bob.GetAsync("/api/chat/unread-count")).Body.GetProperty("unreadCount").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_to_set_and_what_is_no_switch_are_refused()
    {
        (await Ada.PostAsync("/api/chat/v2/privacy", new { })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await Ada.PostAsync("/api/chat/v2/privacy", new { typing = "no" })).Status.ShouldBe(HttpStatusCode.BadRequest);
    }
}
