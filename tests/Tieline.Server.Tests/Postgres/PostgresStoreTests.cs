using Microsoft.Extensions.Logging.Abstractions;
using Tieline.Core.Storage;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Tests.Storage;

namespace Tieline.Server.Tests.Postgres;

/// <summary>PostgreSQL keeps the specification.</summary>
public sealed class PostgresStoreTests(PostgresCluster cluster) : MessageStoreSpecification
{
    private string? _database;

    protected override async ValueTask<IMessageStore> OpenAsync(TimeProvider time, ICommitListener listener)
    {
        _database ??= await cluster.CreateDatabaseAsync();
        return PostgresStore.Open(new TielineOptions { Store = cluster.AddressOf(_database), StorePool = 8 }, time, ChatServer.NewId, listener, NullLogger.Instance);
    }

    protected override void Remove() => cluster.DropDatabaseAsync(_database!).GetAwaiter().GetResult();
}
