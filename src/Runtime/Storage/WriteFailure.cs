namespace DataSsl.Runtime.Storage;

/// <summary>What to say where a file cannot be written.</summary>
public static class WriteFailure
{
    /// <summary>How errno and Windows number a full disk, a used-up quota and a limit on file sizes.</summary>
    private static readonly int[] full = OperatingSystem.IsWindows()
        ? [unchecked((int)0x80070070), unchecked((int)0x80070027)]
        : [28, 122, 69, 27];

    /// <summary>
    /// Whether an exception says that the system refused to write; a limit on file sizes (<c>ulimit -f</c>) .NET reports as an argument out
    /// of range.
    /// </summary>
    public static bool Is(Exception e) => e is IOException or UnauthorizedAccessException || IsLimit(e);

    /// <summary>Whether it says that room is short.</summary>
    public static bool IsForRoom(Exception e) =>
        IsLimit(e) || full.Contains(e.HResult) || (e.InnerException is { } cause && IsForRoom(cause));

    /// <summary>One line that names the file; room helps only where room is short.</summary>
    public static IOException Of(string path, Exception e)
    {
        var mend = IsForRoom(e) ? "make room and start again, " : "";
        return new($"{path}: cannot be written ({Reason(e)}); {mend}what was there before is unchanged", e);
    }

    /// <summary>Why, in a few words.</summary>
    public static string Reason(Exception e) =>
        IsLimit(e) ? "larger than its file system or a limit on the size of files allows" : e.Message;

    private static bool IsLimit(Exception e) => e is ArgumentOutOfRangeException { ParamName: "value" };
}
