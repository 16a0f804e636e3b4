using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Results;

namespace DataSsl.Jobs.Study;

/// <summary>What a study sets scores against: a figure that labels give of each subnet, as it was asked for.</summary>
public abstract record StudyMeasure
{
    /// <summary>The words of the verb that asks for it.</summary>
    public abstract string Verb { get; }

    /// <summary>How it is measured: a sub-verb of <c>evaluate</c>.</summary>
    public abstract string Method { get; }

    /// <summary>What is measured: accuracy, AP, mIoU.</summary>
    public abstract string Figure { get; }

    /// <summary>Whether that is a share of the test images, each right or wrong.</summary>
    public abstract bool IsShare { get; }

    /// <summary>The option that says how large the images of the scores are.</summary>
    public abstract string SizeOption { get; }

    /// <summary>Its options with their values, those that say which images first.</summary>
    public abstract IEnumerable<string> Words { get; }

    /// <summary>Reads the labelled images; the caller disposes them.</summary>
    /// <param name="size">Side of the images of the scores.</param>
    /// <exception cref="UserException">They cannot be used, or not by networks of the space.</exception>
    public abstract StudyLabels Open(SearchSpace space, int size);
}

/// <summary>The labelled images of a study, and what is found of subnets on them.</summary>
public abstract class StudyLabels : IDisposable
{
    /// <summary>The images that scores are taken on, where they are these; null for those of the search.</summary>
    public abstract ImageSource? Images { get; }

    /// <summary>How many images a subnet is tested on.</summary>
    public abstract int TestImages { get; }

    /// <summary>What a figure depends on beside its subnet.</summary>
    public abstract IReadOnlyDictionary<string, string> Identity { get; }

    /// <summary>Where the images came from and how they are used, for the result.</summary>
    public abstract JsonObject Facts();

    /// <summary>Measures a subnet: what a line of the study's file says of it.</summary>
    /// <param name="state">Where work that takes long is kept, so that it can be gone on with.</param>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public abstract JsonObject Measure(Architecture architecture, string state, CancellationToken cancellation);

    /// <summary>What a line says; null where it is none of this measure.</summary>
    public abstract StudyOutcome? Read(JsonObject line);

    /// <summary>Frees the images and networks.</summary>
    public abstract void Dispose();
}

/// <summary>What was found of a subnet.</summary>
/// <param name="Value">The figure, from 0 to 1, with its 95 % interval.</param>
/// <param name="Chances">How far each draw of the test images takes it from there (<see cref="Bootstrap"/>).</param>
/// <param name="Name">What results call <paramref name="Facts"/>.</param>
/// <param name="Facts">All that was measured.</param>
public sealed record StudyOutcome(Estimate Value, float[] Chances, string Name, JsonObject Facts);
