namespace DataSsl.Dense.Metrics;

/// <summary>A detector's scores by COCO's protocol, each from 0 to 1; not a number where there is no object to be found.</summary>
public sealed record CocoScores
{
    /// <summary>Average precision: the mean over overlaps of 0.5 to 0.95, recalls and classes.</summary>
    public required double Ap { get; init; }

    /// <summary>That at an overlap of 0.5.</summary>
    public required double Ap50 { get; init; }

    /// <summary>That at an overlap of 0.75.</summary>
    public required double Ap75 { get; init; }

    /// <summary>That of objects of up to 32 x 32 pixels.</summary>
    public required double ApSmall { get; init; }

    /// <summary>That of objects from there to 96 x 96 pixels.</summary>
    public required double ApMedium { get; init; }

    /// <summary>That of larger objects.</summary>
    public required double ApLarge { get; init; }

    /// <summary>Average recall with one detection an image and class.</summary>
    public required double Ar1 { get; init; }

    /// <summary>Average recall with ten.</summary>
    public required double Ar10 { get; init; }

    /// <summary>Average recall with a hundred.</summary>
    public required double Ar100 { get; init; }

    /// <summary>That of objects of up to 32 x 32 pixels.</summary>
    public required double ArSmall { get; init; }

    /// <summary>That of objects from there to 96 x 96 pixels.</summary>
    public required double ArMedium { get; init; }

    /// <summary>That of larger objects.</summary>
    public required double ArLarge { get; init; }

    /// <summary>AP of each class.</summary>
    public required IReadOnlyList<double> ByClass { get; init; }

    /// <summary>AP50 of each class.</summary>
    public required IReadOnlyList<double> ByClass50 { get; init; }
}
