using Microsoft.Extensions.Logging.Abstractions;
using Tieline.Core.Storage;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Tests.Storage;

namespace Tieline.Server.Tests.Postgres;

/// <summary>The storage specification on a database of its own for each test; how it is reached is the heir's.</summary>
public abstract class PostgresSpecification(PostgresCluster cluster) : MessageStoreSpecification
{
    private string? _database;

    private protected abstract TielineOptions Reach(string database);

    protected override async ValueTask<IMessageStore> OpenAsync(TimeProvider time, ICommitListener listener)
    {
        _database ??= await cluster.CreateDatabaseAsync();
        return PostgresStore.Open(Reach(_database) with { StorePool = 8 }, time, ChatServer.NewId, listener, NullLogger.Instance);
    }

    protected override void Remove() => cluster.DropDatabaseAsync(_database!).GetAwaiter().GetResult();
}
