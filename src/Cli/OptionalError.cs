using System.Text;
using DataSsl.Runtime.Storage;

namespace DataSsl.Cli;

/// <summary>The error stream while a command runs: what it says is for whoever listens, and no work is lost because nobody can (a full disk under a log, a stream that is closed).</summary>
internal sealed class OptionalError : TextWriter
{
    private readonly TextWriter to;
    private bool isLost;

    /// <summary>Takes the place of the error stream.</summary>
    public OptionalError()
    {
        to = Console.Error;
        Console.SetError(this);
    }

    public override Encoding Encoding => to.Encoding;

    public override void Write(char value) => Try(() => to.Write(value));

    public override void Write(string? value) => Try(() => to.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => to.Write(buffer, index, count));

    public override void WriteLine(string? value) => Try(() => to.WriteLine(value));

    public override void Flush() => Try(to.Flush);

    private void Try(Action write)
    {
        if (isLost) return;
        try
        {
            write();
        }
        catch (Exception e) when (WriteFailure.Is(e))
        {
            isLost = true;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Console.SetError(to);
        base.Dispose(disposing);
    }
}
