using Microsoft.Extensions.Logging.Abstractions;
using Tieline.Core.Storage;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Tests.Storage;

namespace Tieline.Server.Tests.Postgres;

/// <summary>PostgreSQL keeps the specification behind a pooler in transaction mode too, where nothing may be prepared.</summary>
public sealed class PoolerStoreTests(PostgresCluster cluster, PgBouncer pooler) : MessageStoreSpecification, IClassFixture<PgBouncer>
{
    private string? _database;

    protected override async ValueTask<IMessageStore> OpenAsync(TimeProvider time, ICommitListener listener)
    {
        _database ??= await cluster.CreateDatabaseAsync();
        return PostgresStore.Open(new TielineOptions { Store = pooler.AddressOf(_database), StorePool = 8, StorePrepare = false }, time, ChatServer.NewId, listener, NullLogger.Instance);
    }

    protected override void Remove() => cluster.DropDatabaseAsync(_database!).GetAwaiter().GetResult();
}
