"""What Prometheus reads at /metrics."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

from crumple.assessment.assessment import Assessment

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The counters of one service, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = Counter(
            "crumple_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "crumple_request_seconds", "Time to the answer", ("route",), registry=self.registry, buckets=_SECONDS
        )
        self.photos = Counter("crumple_photos", "Photos by what became of them", ("outcome",), registry=self.registry)
        self.stages = Histogram(
            "crumple_stage_seconds", "Time of a photo's stages", ("stage",), registry=self.registry, buckets=_SECONDS
        )
        self.deliveries = Counter(
            "crumple_deliveries", "Attempts to deliver a webhook", ("outcome",), registry=self.registry
        )
        self.queue = Gauge("crumple_queue_photos", "Photos in the queue or in work", registry=self.registry)
        self.backlog = Gauge("crumple_backlog_images", "Images that wait in the database", registry=self.registry)
        self.live = Gauge("crumple_live_views", "Live views that run", registry=self.registry)
        self.dead = Gauge("crumple_dead_deliveries", "Deliveries that were given up", registry=self.registry)

    def assessed(self, assessment: Assessment) -> None:
        """Count a photo."""
        self.photos.labels("assessed").inc()
        for stage, milliseconds in assessment.timings.items():
            self.stages.labels(stage).observe(milliseconds / 1000)
