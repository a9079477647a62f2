using System.Net.Http.Headers;
using System.Text;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Attachments;

/// <summary>Uploads by plain HTTP, as the text of tus 1.0 says.</summary>
internal static class Tus
{
    public const string Root = "/api/chat/uploads";

    public static Task<Answer> CreateAsync(Person person, long length, string name = "file.bin") => Answer.ToAsync(person.Server, "POST", Root, person.Token, null,
        ("Tus-Resumable", "1.0.0"), ("Upload-Length", $"{length}"), ("Upload-Metadata", $"filename {Convert.ToBase64String(Encoding.UTF8.GetBytes(name))}"));

    public static Task<Answer> HeadAsync(Person person, string id) => Answer.ToAsync(person.Server, "HEAD", $"{Root}/{id}", person.Token, null, ("Tus-Resumable", "1.0.0"));

    public static Task<Answer> DeleteAsync(Person person, string id) => Answer.ToAsync(person.Server, "DELETE", $"{Root}/{id}", person.Token, null, ("Tus-Resumable", "1.0.0"));

    public static Task<Answer> PatchAsync(Person person, string id, long offset, byte[] bytes) =>
        Answer.ToAsync(person.Server, "PATCH", $"{Root}/{id}", person.Token, Bytes(bytes), ("Tus-Resumable", "1.0.0"), ("Upload-Offset", $"{offset}"));

    /// <summary>A whole upload; returns the last answer.</summary>
    public static async Task<(string Id, Answer Last)> TryUploadAsync(Person person, byte[] bytes, string name = "file.bin")
    {
        var created = await CreateAsync(person, bytes.Length, name);
        created.Status.ShouldBe(201, created.Text);
        var id = created.Header("Location")![(Root.Length + 1)..];
        return (id, await PatchAsync(person, id, 0, bytes));
    }

    public static async Task<string> UploadAsync(Person person, byte[] bytes, string name = "file.bin")
    {
        var (id, last) = await TryUploadAsync(person, bytes, name);
        last.Status.ShouldBe(204, last.Text);
        return id;
    }

    public static ByteArrayContent Bytes(byte[] bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/offset+octet-stream") } };
}
