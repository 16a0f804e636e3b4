namespace DataSsl.Fuzz;

/// <summary>How a reader in this process may take a damaged file: it reads it, or refuses it in one line that names it.</summary>
internal static class Refusal
{
    /// <summary>What was read, or what refuses it; any other failure is a fault of ours.</summary>
    public static (T? Read, string? Refused) Of<T>(string what, string path, Func<T> read)
    {
        try
        {
            return (read(), null);
        }
        catch (Exception e) when (e is InvalidDataException or Runtime.UserException)
        {
            Assert.True(
                e.Message.Contains(Path.GetFileName(path), StringComparison.Ordinal) && !e.Message.Contains('\n', StringComparison.Ordinal),
                $"{what}: not one line that names the file: {e.Message}");
            return (default, e.Message);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{what}: {e.GetType().Name} in the place of a refusal: {e.Message}", e);
        }
    }
}
