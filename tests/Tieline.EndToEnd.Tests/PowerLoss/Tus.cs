using System.Net;
using System.Security.Cryptography;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>A file on its way to the server, in two requests.</summary>
internal sealed record Tus(string Id, byte[] Bytes)
{
    public int Half => Bytes.Length / 2;

    /// <summary>Sends the first half.</summary>
    public static async Task<Tus> BeginAsync(Person person, int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        using var answer = await SendAsync(person.Entrance, person.Token, HttpMethod.Post, "/api/chat/uploads", ("Upload-Length", length), bytes[..(length / 2)]);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        OffsetIn(answer).ShouldBe(length / 2);
        return new Tus(answer.Headers.Location!.ToString().Split('/')[^1], bytes);
    }

    /// <summary>Sends what is behind an offset.</summary>
    /// <returns>The new one.</returns>
    public Task<long> GoOnAsync(Person person, long offset) => GoOnAsync(person.Entrance, person.Token, offset);

    public async Task<long> GoOnAsync(Entrance entrance, string token, long offset)
    {
        using var answer = await SendAsync(entrance, token, HttpMethod.Patch, $"/api/chat/uploads/{Id}", ("Upload-Offset", offset), Bytes[(int)offset..]);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        return OffsetIn(answer);
    }

    /// <returns>How much the server has; null when it knows of no such file.</returns>
    public async Task<long?> OffsetAsync(Entrance entrance, string token)
    {
        using var answer = await SendAsync(entrance, token, HttpMethod.Head, $"/api/chat/uploads/{Id}", null, null);
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return OffsetIn(answer);
    }

    private static long OffsetIn(HttpResponseMessage answer) => long.Parse(answer.Headers.GetValues("Upload-Offset").Single());

    private static async Task<HttpResponseMessage> SendAsync(Entrance entrance, string token, HttpMethod method, string path, (string Name, long Value)? header, byte[]? body)
    {
        using var http = entrance.Client();
        using var request = Entrance.Request(method, path, token);
        request.Headers.Add("Tus-Resumable", "1.0.0");
        if (header is var (name, value)) request.Headers.Add(name, value.ToString());
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new("application/offset+octet-stream");
        }

        return await http.SendAsync(request);
    }
}
