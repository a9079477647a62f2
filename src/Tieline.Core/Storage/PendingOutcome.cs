using Tieline.Core.Ledgers;

namespace Tieline.Core.Storage;

/// <summary>A submission that is awaited.</summary>
internal sealed class PendingOutcome(Command command) : Submission(command)
{
    private readonly TaskCompletionSource<Outcome> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Outcome> Task => _source.Task;

    public override void Complete(Outcome outcome) => _source.TrySetResult(outcome);

    public override void Lose(Exception reason) => _source.TrySetException(new OutcomeUnknownException(reason));
}

/// <summary>Nobody can say whether the command was stored. Sending it again with the same client_id is safe.</summary>
public sealed class OutcomeUnknownException(Exception reason) : Exception("It is not known whether this was stored.", reason);

/// <summary>The store cannot be read right now. Nothing is wrong with the question: asked again later, it is answered.</summary>
public class StoreUnavailableException(string message, Exception reason) : Exception(message, reason);

public static class MessageStoreExtensions
{
    /// <summary>Submits a command and waits until it is on disk, or refused.</summary>
    /// <exception cref="OutcomeUnknownException">Nobody can say.</exception>
    public static Task<Outcome> SubmitAsync(this IMessageStore store, Command command)
    {
        var pending = new PendingOutcome(command);
        store.Submit(pending);
        return pending.Task;
    }
}
