namespace DataSsl.Search.Emit;

/// <summary>A winner that is made and proven, and waits beside its places.</summary>
public sealed class ProvenWinner : IDisposable
{
    private readonly Publication publication;

    internal ProvenWinner(Publication publication, EmittedClass emitted) => (this.publication, Emitted) = (publication, emitted);

    /// <summary>What <see cref="Publish"/> writes, and where.</summary>
    public EmittedClass Emitted { get; }

    /// <summary>Gives winners their places, all or, where one cannot take its place, none: what was there before then stays.</summary>
    public static void Publish(IReadOnlyList<ProvenWinner> winners)
    {
        var (begun, shared) = (new List<ProvenWinner>(), new HashSet<string>());
        try
        {
            foreach (var winner in winners)
            {
                begun.Add(winner);
                // What winners share the first of them brings, so that it alone takes it back.
                winner.publication.Place(
                    winner.Files.Where(file => file != winner.Reader || shared.Add(file)),
                    winner.Emitted.Forms.Where(form => !form.Holds).SelectMany(form => form.Files).Select(file => Path.GetFileName(file)));
            }
        }
        catch
        {
            TakeBack(begun);
            throw;
        }
        foreach (var winner in winners) winner.publication.Commit();
    }

    private static void TakeBack(IEnumerable<ProvenWinner> winners)
    {
        var failures = new List<Exception>();
        foreach (var winner in winners)
        {
            try
            {
                winner.publication.TakeBack();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures.Add(e);
            }
        }
        if (failures.Count > 0)
            throw new IOException(
                $"what was emitted before could not all be put back; the next emit does it ({failures[0].Message})", failures[0]);
    }

    private string? Reader => Path.GetFileName(Emitted.ReaderPath);

    /// <summary>By name, and no others: only what was proven leaves the folder that it was made in.</summary>
    private IEnumerable<string> Files =>
    [
        Path.GetFileName(Emitted.WeightsPath),
        .. Emitted.Forms.Where(form => form.Holds).SelectMany(form => form.Files).Select(file => Path.GetFileName(file)),
        .. Reader is { } reader ? (string[])[reader] : [],
        .. Emitted.CardPath is { } card ? (string[])[Path.GetFileName(card), Emitted.ClassName + ".json"] : [],
    ];

    /// <inheritdoc/>
    public void Dispose() => publication.Discard();
}
