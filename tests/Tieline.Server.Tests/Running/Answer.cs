using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tieline.Server.Tests.Running;

/// <summary>An HTTP answer as it came over the wire: for tests of the bytes and the headers.</summary>
internal sealed partial record Answer(int Status, string Text, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string? Detail => Json.GetProperty("detail").GetString();

    /// <summary>The text with what differs from run to run made equal: conversation ids, random client_ids and moments of the right form.</summary>
    public string Shape => ShapeOf(Text);

    public string? Header(string name) =>
        Headers.TryGetValues(name, out var values) || ContentHeaders.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    public static async Task<Answer> ToAsync(RunningServer server, string method, string path, string? token = null, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await server.Http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    public static Task<Answer> ToAsync(Person person, string method, string path, string? json = null) =>
        ToAsync(person.Server, method, path, person.Token, json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"));

    public static string ShapeOf(string text)
    {
        // The writer escapes signs beyond the basic plane, as JSON allows.
        text = SurrogatePair().Replace(text, pair => Regex.Unescape(pair.Value));
        text = Moment().Replace(text, "\"(moment)\"");
        text = MessageId().Replace(text, "\"id\":\"c.$1\"");
        return RandomClientId().Replace(text, "\"client_id\":\"(random)\"");
    }

    [GeneratedRegex(@"\\u[dD][89abAB]..\\u[dD][c-fC-F]..")]
    private static partial Regex SurrogatePair();

    [GeneratedRegex("\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z\"")]
    private static partial Regex Moment();

    [GeneratedRegex("\"id\":\"[A-Za-z0-9_-]+\\.(\\d+)\"")]
    private static partial Regex MessageId();

    [GeneratedRegex("\"client_id\":\"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\"")]
    private static partial Regex RandomClientId();
}
