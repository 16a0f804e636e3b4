namespace DataSsl.Runtime.Training.Objectives;

/// <summary>Checks of settings that objectives share; each tells its problem as <c>option value: mend</c>, or is null.</summary>
internal static class Check
{
    public static string? Queue(int length, int batch) =>
        ObjectiveBounds.Queue.Problem("queue", length)
        ?? (length == 0 || length % batch != 0 ? $"queue {length}: give a multiple of the batch, such as {Math.Max(1, length / batch) * batch}" : null);
}
