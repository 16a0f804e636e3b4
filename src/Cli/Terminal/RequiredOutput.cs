using DataSsl.Runtime.Storage;

namespace DataSsl.Cli.Terminal;

/// <summary>The output stream while a command runs: results that nobody can take are a failure that is named.</summary>
internal sealed class RequiredOutput() : GuardedWriter(Console.Out, Console.SetOut)
{
    protected override void Refused(Exception e) => throw new IOException($"the output cannot be written ({WriteFailure.Reason(e)})", e);
}
