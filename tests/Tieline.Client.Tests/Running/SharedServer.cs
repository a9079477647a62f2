namespace Tieline.Client.Tests.Running;

/// <summary>One server for the tests of a class that do not kill it; each has people of its own.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    internal RealServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RealServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
