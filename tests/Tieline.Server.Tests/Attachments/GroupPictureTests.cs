using System.Net;
using System.Text;
using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Attachments;

public sealed class GroupPictureTests : TwoPeople
{
    private int _ids;

    [Fact]
    public async Task It_is_shown_small_to_whoever_has_its_address_until_it_is_changed_or_removed()
    {
        var group = await MakeAsync();
        var (jpeg, png) = (await Tus.UploadAsync(Ada, Pictures.Jpeg()), await Tus.UploadAsync(Ada, Pictures.Png()));
        (await Answer.ToAsync(Server, "GET", $"/api/chat/files/{jpeg}/picture")).Status.ShouldBe(404);

        var first = (await SetAsync(group, $"upload:{jpeg}"))!;
        var answer = await Answer.ToAsync(Server, "GET", first);
        (answer.Status, answer.Header("Content-Type"), answer.Header("Content-Security-Policy")).ShouldBe((200, "image/webp", "sandbox"));
        answer.Text.ShouldNotContain(Pictures.Secret);
        (await Answer.ToAsync(Server, "GET", $"/api/chat/files/{jpeg}", Ada.Token)).Status.ShouldBe(404);
        (await Tus.DeleteAsync(Ada, jpeg)).Status.ShouldBe(409);

        var second = await SetAsync(group, $"upload:{png}");
        second.ShouldNotBe(first);
        (await StatusOf(first), await StatusOf(second)).ShouldBe((404, 200));
        (await SetAsync(group, "")).ShouldBeNull();
        (await StatusOf(second)).ShouldBe(404);
    }

    [Fact]
    public async Task What_is_no_picture_or_somebody_elses_is_refused()
    {
        var group = await MakeAsync();
        var text = await Tus.UploadAsync(Ada, Encoding.ASCII.GetBytes("no picture"));
        var bobs = await Tus.UploadAsync(Bob, Pictures.Png());

        (await RefusalAsync(Ada, group, text)).ShouldBe("invalid");
        (await RefusalAsync(Ada, group, bobs)).ShouldBe("not_found");
        (await RefusalAsync(Bob, group, bobs)).ShouldBe("forbidden");
    }

    private async Task<string> MakeAsync() =>
        (await Ada.PostAsync("/api/chat/v2/group_create", new { client_id = Next(), name = "Friends", members = (string[])["bob"] })).Body.GetProperty("conversation").GetString()!;

    /// <returns>The avatar as the other member sees it.</returns>
    private async Task<string?> SetAsync(string group, string avatar)
    {
        var (status, answer) = await Ada.PostAsync("/api/chat/v2/group_update", new { client_id = Next(), conversation = group, avatar });
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        var seen = (await Bob.GetAsync("/api/chat/conversations")).Body.GetProperty("conversations")[0].GetProperty("avatar");
        return seen.ValueKind == JsonValueKind.Null ? null : seen.GetString();
    }

    private async Task<string?> RefusalAsync(Person who, string group, string upload) =>
        (await who.PostAsync("/api/chat/v2/group_update", new { client_id = Next(), conversation = group, avatar = $"upload:{upload}" })).Body.GetProperty("code").GetString();

    private async Task<int> StatusOf(string? path) => (await Answer.ToAsync(Server, "GET", path!)).Status;

    private string Next() => $"n{++_ids}";
}
