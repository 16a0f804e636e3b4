namespace DataSsl.Runtime.Storage;

/// <summary>Writes a file whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Writes to a neighbour, flushes it to the disk and renames it over the target; what was there stays when writing fails.</summary>
    /// <param name="path">The target.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="keep">Where a file that is there already goes, instead of being replaced.</param>
    public static void Write(string path, Action<Stream> write, string? keep = null)
    {
        // One fixed name: what a killed process left behind is overwritten by the next, and a second writer at the same time is refused by the lock on it.
        var beside = $"{path}.partial";
        var file = File.Create(beside);
        try
        {
            using (file)
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            // Replace links the old file under its other name before the rename: there is a file under the target's name at every moment.
            if (keep is not null && File.Exists(path)) File.Replace(beside, path, keep);
            else File.Move(beside, path, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(beside);
            // A full disk, or a limit on file sizes, which .NET reports as an argument out of range.
            if (e is IOException or ArgumentOutOfRangeException { ParamName: "value" })
                throw new IOException($"{path}: cannot be written ({e.Message}); make room and start again, what was there before is unchanged", e);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    public static void WriteText(string path, string text) => Write(path, file => file.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
