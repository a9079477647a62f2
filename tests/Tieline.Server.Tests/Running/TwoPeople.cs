namespace Tieline.Server.Tests.Running;

/// <summary>A test class with a server of its own and two people on it.</summary>
public abstract class TwoPeople : IAsyncLifetime
{
    private protected RunningServer Server { get; private set; } = null!;
    private protected Person Ada { get; private set; } = null!;
    private protected Person Bob { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync();
        (Ada, Bob) = (await Server.AddPersonAsync("ada"), await Server.AddPersonAsync("bob"));
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
