using System.Text;
using DataSsl.Runtime.Storage;

namespace DataSsl.Cli;

/// <summary>The output stream while a command runs: results that nobody can take are a failure that is named.</summary>
internal sealed class RequiredOutput : TextWriter
{
    private readonly TextWriter to;

    /// <summary>Takes the place of the output stream.</summary>
    public RequiredOutput()
    {
        to = Console.Out;
        Console.SetOut(this);
    }

    public override Encoding Encoding => to.Encoding;

    public override void Write(char value) => Try(() => to.Write(value));

    public override void Write(string? value) => Try(() => to.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => to.Write(buffer, index, count));

    public override void WriteLine(string? value) => Try(() => to.WriteLine(value));

    public override void Flush() => Try(to.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (WriteFailure.Is(e))
        {
            throw new IOException($"the output cannot be written ({WriteFailure.Reason(e)})", e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Console.SetOut(to);
        base.Dispose(disposing);
    }
}
