using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Training.Teachers;

/// <summary>How a run comes by its foreign teacher.</summary>
/// <param name="Open">Reads it; the caller disposes it.</param>
/// <param name="Images">The run's images, in their order, as fine as a size in pixels asks for.</param>
/// <param name="Most">Images that are embedded at the most, whose embeddings the others then share: for a trial; null for all.</param>
public sealed record TeacherSource(Func<ForeignTeacher> Open, Func<int, ImageStore> Images, int? Most = null);
