namespace DataSsl.Runtime.Storage;

/// <summary>Writes a file whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Writes to a neighbour, flushes it to the disk and renames it over the target; what was there stays when writing fails.</summary>
    public static void Write(string path, Action<Stream> write)
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
            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    public static void WriteText(string path, string text) => Write(path, file => file.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
