using System.Net;
using System.Net.Http.Headers;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Service;

/// <summary>Attachments in a bucket: the executable against a real S3 server.</summary>
public sealed class S3Tests
{
    private static readonly byte[] _bytes = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31 >> 3))];

    [Fact]
    public async Task A_file_is_kept_in_the_bucket_served_in_parts_and_removed_from_it()
    {
        await using var bucket = await S3Server.StartAsync();
        await using var server = await StartAsync(bucket);
        using var handler = new SocketsHttpHandler();
        var entrance = new Entrance(server.Address, handler);
        var (ada, bob) = (await entrance.SignUpAsync("ada"), await entrance.SignUpAsync("bob"));

        var id = await UploadAsync(ada, _bytes);
        bucket.Objects.ShouldHaveSingleItem().Value.ShouldBe(_bytes);
        bucket.Objects.Keys.Single().ShouldBe(id);
        Directory.Exists(Path.Combine(server.Folder, "data", "files")).ShouldBeFalse();

        var url = await SendAsync(ada, bob, id);
        using var http = entrance.Client();
        (await http.GetByteArrayAsync(url)).ShouldBe(_bytes);
        (await GetPartAsync(http, url, 100_000, 199_999)).ShouldBe(_bytes[100_000..200_000]);
        (await GetPartAsync(http, url, 299_990, null)).ShouldBe(_bytes[299_990..]);
        using (var tampered = await http.GetAsync(url[..^1] + (url[^1] == 'A' ? 'B' : 'A'))) tampered.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        var unsent = await UploadAsync(ada, [1, 2, 3]);
        bucket.Objects.Count.ShouldBe(2);
        (await TusAsync(ada, HttpMethod.Delete, $"/api/chat/uploads/{unsent}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        bucket.Objects.Keys.ShouldBe([id]);
        server.Log.ShouldNotContain("AWS4-HMAC", Case.Sensitive);
    }

    [Fact]
    public async Task A_store_that_is_away_loses_nothing_that_was_said_to_be_kept()
    {
        await using var bucket = await S3Server.StartAsync();
        await using var server = await StartAsync(bucket);
        using var handler = new SocketsHttpHandler();
        var entrance = new Entrance(server.Address, handler);
        var (ada, bob) = (await entrance.SignUpAsync("ada"), await entrance.SignUpAsync("bob"));
        var url = await SendAsync(ada, bob, await UploadAsync(ada, _bytes));
        using var http = entrance.Client();

        await bucket.StopAsync();
        using (var away = await http.GetAsync(url))
        {
            away.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            away.Headers.RetryAfter.ShouldNotBeNull();
            away.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        }

        var created = await TusAsync(ada, HttpMethod.Post, "/api/chat/uploads", null, ("Upload-Length", "3"));
        var upload = created.Headers.Location!.ToString();
        (await TusAsync(ada, HttpMethod.Patch, upload, [1, 2, 3], ("Upload-Offset", "0"))).StatusCode.ShouldBe((HttpStatusCode)507);

        await bucket.StartAgainAsync();
        // The bytes are here already; asking how far it is ends the upload.
        var head = await TusAsync(ada, HttpMethod.Head, upload);
        head.Headers.GetValues("Upload-Offset").ShouldBe(["3"]);
        bucket.Objects[upload.Split('/')[^1]].ShouldBe([1, 2, 3]);
        (await http.GetByteArrayAsync(url)).ShouldBe(_bytes);
    }

    [Fact]
    public async Task A_refusal_is_told_by_its_code_and_the_key_never()
    {
        const string Wrong = "wr0ngKeyThatMustStayUnseen";
        await using var bucket = await S3Server.StartAsync();
        // This server looks up the key's id; it does not calculate signatures, which a test of the server's own suite compares with a published one.
        await using var server = await TielineServer.StartAsync("--files", bucket.Setting, "--files-key", "NOBODY", "--files-secret-file", await SecretFileAsync(bucket, Wrong));
        using var handler = new SocketsHttpHandler();
        var ada = await new Entrance(server.Address, handler).SignUpAsync("ada");

        var created = await TusAsync(ada, HttpMethod.Post, "/api/chat/uploads", null, ("Upload-Length", "3"));
        var answer = await TusAsync(ada, HttpMethod.Patch, created.Headers.Location!.ToString(), [1, 2, 3], ("Upload-Offset", "0"));
        answer.StatusCode.ShouldBe((HttpStatusCode)507);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("403 InvalidAccessKeyId");
        bucket.Objects.ShouldBeEmpty();
        foreach (var told in (string[])[server.Log, await answer.Content.ReadAsStringAsync()])
        {
            told.ShouldNotContain(Wrong);
            told.ShouldNotContain("NOBODY");
        }
    }

    [Fact]
    public async Task A_bucket_without_a_key_does_not_start()
    {
        var told = await TielineServer.RunAsync("config", "--files", "s3://bucket?endpoint=https://s3.example");
        told.ExitCode.ShouldNotBe(0);
        (told.Output + told.Errors).ShouldContain("set files_key and files_secret_file");
    }

    private static async Task<TielineServer> StartAsync(S3Server bucket) =>
        await TielineServer.StartAsync("--files", bucket.Setting, "--files-key", S3Server.KeyId, "--files-secret-file", await SecretFileAsync(bucket, S3Server.Secret));

    private static async Task<string> SecretFileAsync(S3Server bucket, string secret)
    {
        var path = Path.Combine(bucket.Folder, "secret");
        await File.WriteAllTextAsync(path, secret + "\n");
        return path;
    }

    private static async Task<string> UploadAsync(Person person, byte[] bytes)
    {
        var created = await TusAsync(person, HttpMethod.Post, "/api/chat/uploads", null, ("Upload-Length", $"{bytes.Length}"));
        created.StatusCode.ShouldBe(HttpStatusCode.Created);
        var location = created.Headers.Location!.ToString();
        var patched = await TusAsync(person, HttpMethod.Patch, location, bytes, ("Upload-Offset", "0"));
        patched.StatusCode.ShouldBe(HttpStatusCode.NoContent, await patched.Content.ReadAsStringAsync());
        return location.Split('/')[^1];
    }

    private static async Task<HttpResponseMessage> TusAsync(Person person, HttpMethod method, string path, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        using var request = Entrance.Request(method, path, person.Token);
        request.Version = HttpVersion.Version11;
        request.Headers.Add("Tus-Resumable", "1.0.0");
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/offset+octet-stream") } };
        using var http = person.Entrance.Client();
        return await http.SendAsync(request);
    }

    /// <returns>The address of the file, as the receiver is told it.</returns>
    private static async Task<string> SendAsync(Person from, Person to, string id)
    {
        var (status, ack, _) = await from.Entrance.CallAsync(HttpMethod.Post, "/api/chat/messages", from.Token, new { client_id = Guid.CreateVersion7(), to = to.Id, message = "", attachments = new[] { new { id } } });
        status.ShouldBe(HttpStatusCode.OK, ack.ToString());
        var (_, list, _) = await to.GetAsync("/api/chat/conversations");
        return list.GetProperty("conversations")[0].GetProperty("last").GetProperty("attachments")[0].GetProperty("url").GetString()!;
    }

    private static async Task<byte[]> GetPartAsync(HttpClient http, string url, long from, long? to)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(from, to) } };
        using var answer = await http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        return await answer.Content.ReadAsByteArrayAsync();
    }
}
