using System.Net;
using System.Text.Json;
using Tieline.Server.Configuration;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Live;

/// <summary>Ada and Bob, who have written to each other, and Cy, whom nobody knows. Who leaves is offline at once.</summary>
public abstract class LivePeople : IAsyncLifetime
{
    protected const string OperatorToken = "operator-token-of-the-tests";

    private protected RunningServer Server { get; private set; } = null!;
    private protected Person Ada { get; private set; } = null!;
    private protected Person Bob { get; private set; } = null!;
    private protected Person Cy { get; private set; } = null!;
    private protected string Chat { get; private set; } = "";

    private protected virtual TielineOptions Configure(TielineOptions options) => options with { OfflineAfterSeconds = 0, OperatorToken = OperatorToken };

    public async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync(Configure);
        (Ada, Bob, Cy) = (await Server.AddPersonAsync("ada"), await Server.AddPersonAsync("bob"), await Server.AddPersonAsync("cy"));
        Chat = (await Ada.SendAsync(Bob, "hi")).GetProperty("conversation").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected static async Task DoAsync(Person who, string command, object fields)
    {
        var (status, body) = await who.PostAsync("/api/chat/v2/" + command, fields);
        status.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.NoContent);
        if (status == HttpStatusCode.OK) body.GetProperty("type").GetString().ShouldBe("done");
    }

    private protected static Func<JsonElement, bool> Is(string type, string field, object value) => frame =>
        frame.GetProperty("type").GetString() == type && frame.TryGetProperty(field, out var given) && given.ToString() == value.ToString();
}
