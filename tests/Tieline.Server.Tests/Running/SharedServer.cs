namespace Tieline.Server.Tests.Running;

/// <summary>One server for all tests of a class, where each brings people of its own.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private int _people;

    internal RunningServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>Somebody nobody knows yet; the id begins with the name.</summary>
    internal Task<Person> AddAsync(string name) => Server.AddPersonAsync($"{name}{Interlocked.Increment(ref _people)}");

    internal async Task<(Person Ada, Person Bob)> AddPairAsync() => (await AddAsync("ada"), await AddAsync("bob"));
}
