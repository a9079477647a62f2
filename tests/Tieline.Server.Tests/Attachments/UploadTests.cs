using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Attachments;

public sealed class UploadTests : TwoPeople
{
    private static readonly byte[] _file = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n")));

    [Fact]
    public async Task What_the_server_can_do_is_told()
    {
        var told = await Answer.ToAsync(Server, "OPTIONS", Tus.Root);

        told.Status.ShouldBe(204);
        (told.Header("Tus-Version"), told.Header("Tus-Extension"), told.Header("Tus-Max-Size")).ShouldBe(("1.0.0", "creation,creation-with-upload,termination,expiration", "26214400"));
    }

    [Fact]
    public async Task An_upload_goes_on_after_a_cut_in_the_middle_and_after_a_restart_of_the_server()
    {
        var folder = Directory.CreateTempSubdirectory("tieline-uploads-").FullName;
        string id;
        byte[] fetched;
        await using (var first = await RunningServer.StartAsync(folder: folder))
        {
            var (eve, _) = (await first.AddPersonAsync("eve"), await first.AddPersonAsync("fay"));
            id = (await Tus.CreateAsync(eve, _file.Length, "long.txt")).Header("Location")!.Split('/')[^1];
            await CutOffAsync(eve, id, _file[..50_000], announced: _file.Length);
            var head = await Tus.HeadAsync(eve, id);
            (head.Status, head.Header("Upload-Offset"), head.Header("Upload-Length"), head.Header("Cache-Control")).ShouldBe((200, "50000", $"{_file.Length}", "no-store"));
            (await Tus.PatchAsync(eve, id, 50_000, _file[50_000..60_000])).Header("Upload-Offset").ShouldBe("60000");
        }

        await using (var second = await RunningServer.StartAsync(folder: folder))
        {
            var eve = new Person(second, (await second.Store.FindAccountAsync(Core.Storage.AccountLookup.Id, "eve", default))!, second.TokenFor("eve@example.org"));
            var fay = new Person(second, (await second.Store.FindAccountAsync(Core.Storage.AccountLookup.Id, "fay", default))!, second.TokenFor("fay@example.org"));
            (await Tus.HeadAsync(eve, id)).Header("Upload-Offset").ShouldBe("60000");
            (await Tus.PatchAsync(eve, id, 60_000, _file[60_000..])).Status.ShouldBe(204);
            (await Tus.HeadAsync(eve, id)).Header("Upload-Offset").ShouldBe($"{_file.Length}");
            fetched = await second.Http.GetByteArrayAsync((await Sent.ShownAsync(eve, fay, id)).GetProperty("url").GetString());
        }

        fetched.ShouldBe(_file);
        Directory.GetFiles(Path.Combine(folder, "uploads")).ShouldBeEmpty();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_new_request_takes_an_upload_over_from_one_that_hangs()
    {
        var id = (await Tus.CreateAsync(Ada, _file.Length)).Header("Location")!.Split('/')[^1];
        using var hanging = await BeginAsync(Ada, id, _file[..10_000], _file.Length);
        while (new FileInfo(Path.Combine(Server.Folder, "uploads", id + ".part")).Length < 10_000) await Task.Delay(5);

        (await Tus.HeadAsync(Ada, id)).Header("Upload-Offset").ShouldBe("10000");
        (await Tus.PatchAsync(Ada, id, 10_000, _file[10_000..])).Status.ShouldBe(204);
    }

    [Fact]
    public async Task Wrong_requests_are_told_what_is_wrong()
    {
        var id = (await Tus.CreateAsync(Ada, 100)).Header("Location")!.Split('/')[^1];

        (await Tus.PatchAsync(Ada, id, 7, [1])).Status.ShouldBe(409);
        (await Tus.PatchAsync(Ada, id, 0, new byte[101])).Status.ShouldBe(413);
        (await Answer.ToAsync(Server, "PATCH", $"{Tus.Root}/{id}", Ada.Token, new StringContent("x"), ("Tus-Resumable", "1.0.0"), ("Upload-Offset", "0"))).Status.ShouldBe(415);
        (await Answer.ToAsync(Server, "HEAD", $"{Tus.Root}/{id}", Ada.Token)).Status.ShouldBe(412);
        (await Answer.ToAsync(Server, "HEAD", $"{Tus.Root}/{id}", null, null, ("Tus-Resumable", "1.0.0"))).Status.ShouldBe(401);
        (await Answer.ToAsync(Server, "PUT", $"{Tus.Root}/{id}", Ada.Token)).Status.ShouldBe(405);
        (await Tus.CreateAsync(Ada, 0)).Status.ShouldBe(400);
        (await Tus.CreateAsync(Ada, 26_214_401)).Status.ShouldBe(413);
        (await Tus.HeadAsync(Ada, id)).Header("Upload-Offset").ShouldBe("0");
    }

    [Fact]
    public async Task Nobody_else_sees_an_upload()
    {
        var begun = (await Tus.CreateAsync(Ada, 100)).Header("Location")!.Split('/')[^1];
        var finished = await Tus.UploadAsync(Ada, "hello"u8.ToArray());
        foreach (var id in (string[])[begun, finished])
        {
            (await Tus.HeadAsync(Bob, id)).Status.ShouldBe(404);
            (await Tus.PatchAsync(Bob, id, 0, [1])).Status.ShouldBe(404);
            (await Tus.DeleteAsync(Bob, id)).Status.ShouldBe(404);
        }

        var (status, refusal) = await Bob.PostAsync("/api/chat/messages", new { client_id = "c1", to = "ada", message = "", attachments = new[] { new { id = finished } } });
        ((int)status, refusal.GetProperty("code").GetString()).ShouldBe((404, "not_found"));
    }

    [Fact]
    public async Task An_account_has_a_quota_for_what_it_does_not_finish()
    {
        await using var server = await RunningServer.StartAsync(options => options with { UploadQuotaBytes = 150_000 });
        var (eve, fay) = (await server.AddPersonAsync("eve"), await server.AddPersonAsync("fay"));
        var id = (await Tus.CreateAsync(eve, 100_000)).Header("Location")!.Split('/')[^1];

        var refused = await Tus.CreateAsync(eve, 60_000);
        refused.Status.ShouldBe(429);
        refused.Header("Retry-After").ShouldNotBeNull();
        (await Tus.CreateAsync(fay, 60_000)).Status.ShouldBe(201);
        (await Tus.DeleteAsync(eve, id)).Status.ShouldBe(204);
        (await Tus.CreateAsync(eve, 60_000)).Status.ShouldBe(201);
    }

    [Fact]
    public async Task What_is_not_finished_or_not_sent_within_a_day_and_what_was_deleted_is_collected()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(options => options with { TokenDays = 3_000 }, time: time);
        var (eve, fay) = (await server.AddPersonAsync("eve"), await server.AddPersonAsync("fay"));
        var begun = (await Tus.CreateAsync(eve, 100)).Header("Location")!.Split('/')[^1];
        var unsent = await Tus.UploadAsync(eve, Pictures.Jpeg());
        var sent = await Tus.UploadAsync(eve, Pictures.Jpeg());
        var shown = await Sent.ShownAsync(eve, fay, sent);
        FilesOf(server, unsent).Length.ShouldBe(2);

        time.Advance(TimeSpan.FromHours(23));
        await server.Chat.Sweeper.SweepAsync(default);
        FilesOf(server, unsent).Length.ShouldBe(2);
        (await Tus.HeadAsync(eve, begun)).Status.ShouldBe(200);

        time.Advance(TimeSpan.FromHours(2));
        await server.Chat.Sweeper.SweepAsync(default);
        (FilesOf(server, unsent).Length, FilesOf(server, begun).Length, FilesOf(server, sent).Length).ShouldBe((0, 0, 2));
        (await Tus.HeadAsync(eve, begun)).Status.ShouldBe(404);
        (await Tus.HeadAsync(eve, unsent)).Status.ShouldBe(404);
        (await Tus.DeleteAsync(eve, sent)).Status.ShouldBe(409);
        var fresh = await Sent.NewestAsync(fay);
        fresh.GetProperty("url").GetString().ShouldNotBe(shown.GetProperty("url").GetString());
        (await server.Http.GetAsync(fresh.GetProperty("url").GetString())).EnsureSuccessStatusCode();
    }

    private static string[] FilesOf(RunningServer server, string id) => Directory.GetFiles(server.Folder, id + "*", SearchOption.AllDirectories);

    private static async Task CutOffAsync(Person person, string id, byte[] bytes, long announced)
    {
        using var connection = await BeginAsync(person, id, bytes, announced);
        var part = Path.Combine(person.Server.Folder, "uploads", id + ".part");
        while (new FileInfo(part).Length < bytes.Length) await Task.Delay(5);
    }

    private static async Task<TcpClient> BeginAsync(Person person, string id, byte[] bytes, long announced)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(person.Server.Address.Host, person.Server.Address.Port);
        var head = $"PATCH {Tus.Root}/{id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {person.Token}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            + $"Content-Type: application/offset+octet-stream\r\nContent-Length: {announced}\r\n\r\n";
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        await connection.GetStream().WriteAsync(bytes);
        return connection;
    }
}
