using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Tieline.Server.Attachments;

/// <summary>Files in an S3-compatible store, by three requests of its protocol: put, get with a range, delete. The store answers a put when the object is durable.</summary>
internal sealed class S3Files : IFileStore
{
    private const int Tries = 4;
    private const int MaxExplanation = 16 * 1024;

    /// <summary>For the answer to begin; a body of any length may follow.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _firstRest = TimeSpan.FromMilliseconds(200);

    private readonly S3Address _address;
    private readonly S3Signature _signature;
    private readonly TimeProvider _time;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout.InfiniteTimeSpan };

    public S3Files(S3Address address, string keyId, string secret, TimeProvider time) =>
        (_address, _signature, _time) = (address, new S3Signature(keyId, secret, address.Region, time), time);

    public async Task PutAsync(string name, string path, CancellationToken cancel)
    {
        string hash;
        long length;
        await using (var file = OpenLocal(path)) (hash, length) = (S3Signature.Hex(await SHA256.HashDataAsync(file, cancel)), file.Length);
        // A slow line may take its time: a minute more for each four megabytes.
        var patience = _patience + TimeSpan.FromMinutes(length / 4_000_000.0);
        using var answer = await AskAsync("put", name, patience, () => new HttpRequestMessage(HttpMethod.Put, _address.Of(name))
        {
            Content = new StreamContent(OpenLocal(path)) { Headers = { ContentLength = length, ContentType = new MediaTypeHeaderValue("application/octet-stream") } },
        }, hash, cancel);
        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.NoContent)) throw await RefusedAsync("put", answer, cancel);
    }

    public async Task<Stream?> OpenAsync(string name, long from, long length, CancellationToken cancel)
    {
        var answer = await AskAsync("get", name, _patience, () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, _address.Of(name));
            if (from > 0 || length < long.MaxValue) request.Headers.Range = new RangeHeaderValue(from, length == long.MaxValue ? null : from + length - 1);
            return request;
        }, S3Signature.Empty, cancel);
        if (answer.StatusCode == HttpStatusCode.PartialContent || (answer.StatusCode == HttpStatusCode.OK && from == 0)) return await answer.Content.ReadAsStreamAsync(cancel);
        using (answer)
        {
            if (answer.StatusCode == HttpStatusCode.NotFound) return null;
            throw await RefusedAsync("get", answer, cancel);
        }
    }

    public async Task DeleteAsync(string name, CancellationToken cancel)
    {
        using var answer = await AskAsync("delete", name, _patience, () => new HttpRequestMessage(HttpMethod.Delete, _address.Of(name)), S3Signature.Empty, cancel);
        if (!answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.NotFound) throw await RefusedAsync("delete", answer, cancel);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>All three may be asked twice: the same name always has the same content. Each try is signed anew.</summary>
    private async Task<HttpResponseMessage> AskAsync(string what, string name, TimeSpan patience, Func<HttpRequestMessage> make, string hash, CancellationToken cancel)
    {
        for (var rest = _firstRest; ; rest *= 3)
        {
            var last = rest >= _firstRest * Math.Pow(3, Tries - 1);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(patience);
            try
            {
                using var request = make();
                _signature.Sign(request, hash);
                var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
                if (last || answer.StatusCode is not (HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)) return answer;
                answer.Dispose();
            }
            catch (HttpRequestException e) when (last)
            {
                throw new IOException($"the object store cannot be reached ({what} {name}): {e.HttpRequestError}", e);
            }
            catch (HttpRequestException)
            {
                // Tried again.
            }
            catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
            {
                throw new IOException($"the object store does not answer ({what} {name})", e);
            }

            await Task.Delay(rest, _time, cancel);
        }
    }

    /// <summary>Of what the store says only the code is told: its text repeats the key's id and what was signed.</summary>
    private static async Task<IOException> RefusedAsync(string what, HttpResponseMessage answer, CancellationToken cancel)
    {
        var text = answer.Content.Headers.ContentLength is null or <= MaxExplanation ? await answer.Content.ReadAsStringAsync(cancel) : "";
        var (from, to) = (text.IndexOf("<Code>", StringComparison.Ordinal) + 6, text.IndexOf("</Code>", StringComparison.Ordinal));
        var code = from >= 6 && to > from && to - from <= 60 && text.AsSpan(from, to - from).IndexOfAnyExceptInRange('A', 'z') < 0 ? " " + text[from..to] : "";
        return new IOException(string.Create(CultureInfo.InvariantCulture, $"the object store answers {(int)answer.StatusCode}{code} to a {what}"));
    }

    private static FileStream OpenLocal(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
}
