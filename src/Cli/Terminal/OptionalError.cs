namespace DataSsl.Cli.Terminal;

/// <summary>
/// The error stream while a command runs: what it says is for whoever listens, and no work is lost because nobody can (a full disk under a
/// log, a stream that is closed).
/// </summary>
internal sealed class OptionalError() : GuardedWriter(Console.Error, Console.SetError)
{
    private bool isLost;

    protected override bool IsLost => isLost;

    protected override void Refused(Exception e) => isLost = true;
}
