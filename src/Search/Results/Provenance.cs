namespace DataSsl.Search.Results;

/// <summary>What <see cref="SearchResult.Provenance"/> calls the facts that are read again.</summary>
public static class Provenance
{
    /// <summary>The path of the checkpoint that was searched.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Its hash.</summary>
    public const string CheckpointHash = "checkpoint hash";

    /// <summary>How many steps it had learnt.</summary>
    public const string TrainingSteps = "training steps";

    /// <summary>What from: a path, and in brackets the fingerprint.</summary>
    public const string TrainingData = "training data";

    /// <summary>Which given weights the training started from.</summary>
    public const string StartedFrom = "training started from";

    /// <summary>Which frozen network the training learnt from.</summary>
    public const string LearntFrom = "training learnt from";

    /// <summary>Which foreign network scores are relations to.</summary>
    public const string ScoredAgainst = "scored against";

    /// <summary>The path of the search images.</summary>
    public const string SearchData = "search data";

    /// <summary>How the pictures there were cut into images, as <see cref="Runtime.Data.TileRule"/> reads it.</summary>
    public const string SearchTiles = "search tiles";

    /// <summary>The fingerprint of the search images.</summary>
    public const string SearchDataFingerprint = "search data fingerprint";

    /// <summary>How many of them there were.</summary>
    public const string Images = "images";

    /// <summary>Of the draw of the images.</summary>
    public const string Seed = "seed";

    /// <summary>What the walks computed, of what the candidates have one by one.</summary>
    public const string BlocksComputed = "blocks computed";

    /// <summary>The command line; the page shows it as the way to repeat the search.</summary>
    public const string Command = "command";

    /// <summary>The version of the program.</summary>
    public const string Version = "datassl";
}
