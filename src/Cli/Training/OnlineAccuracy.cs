namespace DataSsl.Cli.Training;

/// <summary>What a network's features are worth while it learns, from 0 to 1.</summary>
/// <param name="Name">Max, Middle, Min or network.</param>
/// <param name="Knn">Share of the images that their nearest neighbours classify rightly.</param>
/// <param name="Linear">Share that a linear probe classifies rightly; null where none was asked for, or no class has two images.</param>
internal sealed record OnlineAccuracy(string Name, double Knn, double? Linear);
