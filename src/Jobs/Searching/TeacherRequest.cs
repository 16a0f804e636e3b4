using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Start;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Search.Teachers;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Searching;

/// <summary>What a search compares candidates with.</summary>
public enum ScoredAgainst
{
    /// <summary>The supernet's largest network.</summary>
    Own,

    /// <summary>A foreign network.</summary>
    Teacher,
}

/// <summary>A foreign teacher that a search is asked to compare candidates with.</summary>
/// <param name="Network">As <c>--teacher</c> names it; null for that of the training.</param>
/// <param name="Architecture">Which network of a run; null for the largest.</param>
/// <param name="Size">Side of the images that it is shown in pixels; null for its own.</param>
public sealed record TeacherRequest(string? Network, string? Architecture, int? Size)
{
    /// <summary>The options that ask for it.</summary>
    public string[] Words() =>
    [
        "--score", "teacher", .. Network is null
            ? (string[])[]
            : ["--teacher", Network], .. Architecture is null
            ? (string[])[]
            : ["--teacher-arch", Architecture],
        .. Size is { } size ? (string[])["--teacher-size", Wording.Number(size)] : [],
    ];

    /// <summary>Reads it.</summary>
    /// <param name="training">Of the supernet that is searched.</param>
    /// <param name="size">Side of the search images in pixels.</param>
    /// <exception cref="UserException">It cannot be read, or is none.</exception>
    public TeacherNetwork Open(TrainOptions training, SpaceCatalogue spaces, SearchSpace space, int size, Device device)
    {
        if (Network is { } named) return RunTeacher.Open(named, Architecture, Size, TeacherViews.Clean, spaces, space, size, device);
        return training.Teacher is { } known ? RunTeacher.Again(
            known with { Views = TeacherViews.Clean, Size = Size ?? known.Size }, spaces, space, "--score teacher", device)
            : throw new UserException("--score teacher: the training learnt from no foreign network; give one with --teacher");
    }
}
